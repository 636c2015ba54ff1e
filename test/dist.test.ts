import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Chart, Duration, Testing } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../app';
import type { DatabaseConfig, DisasterRecoveryConfig } from '../lib';
import {
  ConfigurationProtection,
  ControlPlane,
  DisasterRecoveryError,
  Encryption,
  EtcdDrill,
  EtcdProtection,
  FailoverDrill,
  LifecyclePolicy,
  Monitoring,
  OneOffSnapshot,
  PostgresProtection,
  planRecovery,
  RecoveryDrill,
  RestoreTest,
  Retention,
  SnapshotClass,
  SnapshotDrill,
  VolumeProtection,
} from '../lib';
import {
  complete,
  completeConfiguration,
  completeDrills,
  completeEtcd,
  completeOneOff,
  completeSnapshotClass,
  completeVolume,
  examples,
  minimal,
  minimalDatabase,
  operated,
  variants,
} from './support/configs';
import { ruleErrors } from './support/object-rules';
import { referencesIn } from './support/references';
import { objectsIn, render } from './support/render';
import type { Manifest } from './support/schema';
import { schemaErrors } from './support/schema';

describe('dist/', () => {
  it('is what app.ts produces, byte for byte', () => {
    const files = render(nextgen);
    expect(readdirSync('dist').sort()).toEqual([...files.keys()]);
    for (const [name, text] of files) {
      expect(readFileSync(join('dist', name), 'utf8')).toBe(text);
    }
  });

  it.each(Object.entries(variants))('looks as reviewed on %s', async (name, config) => {
    for (const [file, text] of render(config)) {
      await expect(text).toMatchFileSnapshot(join('golden', `${name}.${file}`));
    }
  });

  it('is the same in another folder, time zone and locale', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dr-elsewhere-'));
    try {
      execFileSync(process.execPath, ['--import', resolve('node_modules/tsx/dist/loader.mjs'), resolve('app.ts')], {
        cwd: folder,
        env: { PATH: process.env.PATH, TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
        stdio: 'pipe',
      });
      for (const [name, text] of render(nextgen)) {
        expect(readFileSync(join(folder, 'dist', name), 'utf8')).toBe(text);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('PostgresProtection in a chart of your own', () => {
  it.each([
    ['with the least', minimal],
    ['with every option', complete],
  ])('makes the same objects as the one config: %s', (_, config) => {
    const [database] = config.databases ?? [];
    const chart = new Chart(Testing.app(), 'mine');
    const { storage, encryption, site, namespace, images, gitOps, network, monitoring, assumptions } = config;
    new PostgresProtection(chart, 'Orders', {
      site,
      namespace,
      storage,
      encryption,
      database: database as DatabaseConfig,
      ...(images === undefined ? {} : { images }),
      ...(gitOps === undefined ? {} : { gitOps }),
      ...(network === undefined ? {} : { network }),
      ...(monitoring === undefined ? {} : { monitoring }),
      ...(assumptions === undefined ? {} : { assumptions }),
    });
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(objectsOf(config, 'database'));
  });

  it('throws before anything is added, when the objective cannot be met', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const database = { ...minimalDatabase, objective: { rpo: Duration.seconds(1), rto: Duration.hours(1) } };
    const { storage, encryption, site, namespace } = minimal;
    expect(() => new PostgresProtection(chart, 'Orders', { site, namespace, storage, encryption, database })).toThrow(
      DisasterRecoveryError,
    );
    expect(chart.toJson()).toEqual([]);
  });
});

describe('ConfigurationProtection in a chart of your own', () => {
  const { site, namespace, storage, encryption, images, gitOps, network, monitoring, assumptions } = complete;
  const others = { images, gitOps, network, monitoring, assumptions } as const;

  it('makes the same objects as the one config', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const props = { site, namespace, storage, encryption, configuration: completeConfiguration };
    new ConfigurationProtection(chart, 'Objects', { ...props, ...(others as Required<typeof others>) });
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(objectsOf(complete, 'configuration'));
  });

  it('needs no database, and throws before anything is added when Secrets would be stored in clear', () => {
    const configuration = { objective: completeConfiguration.objective, retention: Retention.days(30) };
    const chart = new Chart(Testing.app(), 'mine');
    new ConfigurationProtection(chart, 'Objects', { site, namespace, storage, encryption, configuration });
    expect(chart.toJson().map(({ kind }) => kind)).toContain('ClusterRole');
    const bad = new Chart(Testing.app(), 'bad');
    const props = { site, namespace, storage, encryption: Encryption.none(), configuration };
    expect(() => new ConfigurationProtection(bad, 'Objects', props)).toThrow(DisasterRecoveryError);
    expect(bad.toJson()).toEqual([]);
  });
});

describe('LifecyclePolicy in a chart of your own', () => {
  it.each([
    ['with every option', complete],
    ['with Azure Service Operator', operated],
  ])('makes the same objects as the one config: %s', (_, config) => {
    const chart = new Chart(Testing.app(), 'mine');
    const { plan } = new LifecyclePolicy(chart, 'Rules', { config });
    const others = objectsOf(config, 'storage').filter(({ metadata }) => metadata.name === plan.lifecycle?.name);
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(others);
  });

  it('generates all rules from a config that says nothing of them', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const { plan } = new LifecyclePolicy(chart, 'Rules', { config: minimal });
    expect(plan.lifecycle?.rules.map(({ name }) => name)).toEqual(['orders-orders']);
    expect(chart.toJson()).toHaveLength(1);
  });

  it('throws before anything is added, when a rule does not fit what is written', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const config = { ...minimal, lifecycle: { rules: [{ prefix: 'nowhere' }] } };
    expect(() => new LifecyclePolicy(chart, 'Rules', { config })).toThrow(DisasterRecoveryError);
    expect(chart.toJson()).toEqual([]);
  });
});

describe('Monitoring in a chart of your own', () => {
  it.each([
    ['with the defaults', nextgen],
    ['with every option', complete],
  ])('makes the same objects as the one config: %s', (_, config) => {
    const chart = new Chart(Testing.app(), 'mine');
    new Monitoring(chart, 'Monitoring', { config });
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(objectsOf(config, 'monitoring'));
  });

  it('needs no settings, and throws before anything is added when there is a mistake', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const { plan } = new Monitoring(chart, 'Monitoring', { config: minimal });
    expect(plan.monitoring?.archives).toHaveLength(1);
    expect(chart.toJson().map(({ kind }) => kind)).toContain('PodMonitor');
    const bad = new Chart(Testing.app(), 'bad');
    const config = { ...minimal, monitoring: { namespace: 'Bad' } };
    expect(() => new Monitoring(bad, 'Monitoring', { config })).toThrow(DisasterRecoveryError);
    expect(bad.toJson()).toEqual([]);
  });
});

describe('the constructs of volumes in a chart of your own', () => {
  const { site, namespace, storage, images, gitOps, network, monitoring, assumptions } = complete;
  const others = { images, gitOps, network, monitoring, assumptions } as const;

  it('make the same objects as the one config', () => {
    const argo = { gitOps: gitOps ?? {} };
    const classes = new Chart(Testing.app(), 'classes');
    new SnapshotClass(classes, 'Class', { site, snapshotClass: completeSnapshotClass, ...argo });
    const declared = objectsOf(complete, 'storage').filter(({ kind }) => kind === 'VolumeSnapshotClass');
    expect(JSON.parse(JSON.stringify(classes.toJson()))).toEqual(declared);
    const chart = new Chart(Testing.app(), 'mine');
    new OneOffSnapshot(chart, 'Once', { site, namespace, snapshot: completeOneOff, ...argo });
    new VolumeProtection(chart, 'Volumes', {
      ...{ site, namespace, storage, volume: completeVolume, snapshotClass: completeSnapshotClass },
      ...(others as Required<typeof others>),
    });
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(objectsOf(complete, 'volumes'));
  });

  it('throw with every problem, before anything is added', () => {
    const chart = new Chart(Testing.app(), 'bad');
    const attempts = [
      () =>
        new SnapshotClass(chart, 'Class', {
          site,
          snapshotClass: { name: 'Bad', driver: 'disk.csi.azure.com', parameters: { 'storage-locations': 'eastus' } },
        }),
      () =>
        new OneOffSnapshot(chart, 'Once', {
          site,
          namespace,
          snapshot: { name: 'Bad', claim: '', snapshotClassName: 'snapshots' },
        }),
      () =>
        new VolumeProtection(chart, 'Volumes', {
          ...{ site, namespace, storage },
          volume: { ...completeVolume, claimSelector: {}, deadline: Duration.seconds(1) },
        }),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(DisasterRecoveryError);
        expect((error as DisasterRecoveryError).problems.length).toBeGreaterThanOrEqual(2);
      }
    }
    expect(chart.toJson()).toEqual([]);
  });
});

describe('EtcdProtection in a chart of your own', () => {
  const { site, storage, encryption, images, gitOps, network, monitoring, assumptions } = complete;
  const others = { images, gitOps, network, monitoring, assumptions } as const;

  it('makes the same objects as the one config', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const props = { site, storage, encryption, etcd: completeEtcd };
    new EtcdProtection(chart, 'Etcd', { ...props, ...(others as Required<typeof others>) });
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(objectsOf(complete, 'etcd'));
  });

  it('needs nothing else, and throws before anything is added on a managed control plane', () => {
    const etcd = {
      objective: { rpo: Duration.hours(1), rto: Duration.hours(1) },
      controlPlane: ControlPlane.KUBEADM,
      retention: Retention.days(90),
    };
    const chart = new Chart(Testing.app(), 'mine');
    new EtcdProtection(chart, 'Etcd', { site, storage, encryption, etcd });
    expect(chart.toJson().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain('CronJob etcd-backup');
    const bad = new Chart(Testing.app(), 'bad');
    const managed = { ...etcd, controlPlane: ControlPlane.MANAGED };
    expect(() => new EtcdProtection(bad, 'Etcd', { site, storage, encryption, etcd: managed })).toThrow(
      DisasterRecoveryError,
    );
    expect(bad.toJson()).toEqual([]);
  });
});

describe('the drills in a chart of your own', () => {
  const { site, namespace, storage, encryption, images, gitOps, network, monitoring, assumptions } = complete;
  const others = { images, gitOps, network, monitoring, assumptions } as const;

  it('are the same objects as those of the one config', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const common = { site, storage, encryption, ...(others as Required<typeof others>) };
    const [database] = complete.databases ?? [];
    new RestoreTest(chart, 'Dumps', {
      ...{ ...common, namespace, database: database as DatabaseConfig },
      restoreTest: completeDrills.restoreTest,
    });
    const { encryption: _, ...unsealed } = common;
    new RecoveryDrill(chart, 'Archive', {
      ...{ ...unsealed, namespace, database: database as DatabaseConfig },
      drill: completeDrills.recovery,
    });
    new FailoverDrill(chart, 'Failover', {
      ...{ ...unsealed, namespace, database: database as DatabaseConfig },
      drill: completeDrills.failover,
    });
    new SnapshotDrill(chart, 'Volumes', {
      ...{ ...unsealed, namespace, volume: completeVolume },
      drill: completeDrills.snapshots,
    });
    new EtcdDrill(chart, 'Etcd', { ...common, etcd: completeEtcd, drill: completeDrills.etcd });
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(
      objectsOf(complete, 'recovery').filter(({ metadata }) =>
        /rehearsal|drill|failover/.test(`${metadata.namespace}/${metadata.name}`),
      ),
    );
  });

  it('have defaults, and throw before anything is added when there is nothing to restore', () => {
    const chart = new Chart(Testing.app(), 'mine');
    const props = { site, namespace, storage, encryption, database: minimalDatabase };
    expect(() => new RestoreTest(chart, 'Dumps', props)).toThrow(DisasterRecoveryError);
    expect(chart.toJson()).toEqual([]);
    new EtcdDrill(chart, 'Etcd', { site, storage, encryption, etcd: completeEtcd });
    expect(chart.toJson().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain(
      'CronJob etcd-backup-drill',
    );
  });
});

/** The objects of one chart. */
function objectsOf(config: DisasterRecoveryConfig, chart: string): Manifest[] {
  const name = `${chart}.k8s.yaml`;
  return objectsIn(new Map([[name, render(config).get(name) ?? '']]));
}

describe.each(examples)('every object of %s', (_, config) => {
  const objects = objectsIn(render(config));

  it('passes the strict schema and the rules that no schema says', () => {
    expect(objects.length).toBeGreaterThan(2);
    expect(objects.flatMap((object) => [...schemaErrors(object), ...ruleErrors(object)])).toEqual([]);
  });

  it('has a name of its own', () => {
    const ids = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers only to what is declared or listed as external, and nothing external is listed in vain', () => {
    const plan = planRecovery(config);
    const declared = new Set(
      objects.flatMap(({ kind, metadata }) => [
        `${kind} ${metadata.namespace}/${metadata.name}`,
        ...(metadata.namespace === undefined ? [`${kind} ${metadata.name}`] : []),
      ]),
    );
    const external = plan.externalReferences.map((reference) => ({
      ...reference,
      id: `${reference.kind} ${reference.namespace === '' ? '' : `${reference.namespace}/`}${reference.name}`,
    }));
    const used = objects.flatMap(referencesIn);
    for (const { id, key } of used) {
      const listed = external.find((reference) => reference.id === id);
      expect(declared.has(id) || listed !== undefined, `${id} is neither declared nor external`).toBe(true);
      if (key !== '' && listed !== undefined) {
        expect(listed.keys, id).toContain(key);
      }
    }
    for (const reference of external) {
      const wanted = used.filter(({ id }) => id === reference.id);
      expect(wanted.length, `${reference.id} is listed but not used`).toBeGreaterThan(0);
      if (reference.kind === 'Secret') {
        expect(new Set(wanted.map(({ key }) => key).filter((key) => key !== ''))).toEqual(new Set(reference.keys));
      }
    }
  });

  it('contains no secret, only references to them', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});
