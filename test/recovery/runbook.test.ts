import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { allDrills, planAlerts, planRecovery, readPlan, runbookOf } from '../../lib';
import { alertPages, everyProcedure, proceduresOf, scenariosOf } from '../../lib/recovery';
import { variable } from '../../lib/recovery/procedure';
import { complete, examples } from '../support/configs';
import { ruleErrors } from '../support/object-rules';
import { find, objectsIn, render } from '../support/render';
import { sectionOf } from '../support/runbook';
import type { Manifest } from '../support/schema';
import { schemaErrors } from '../support/schema';

/** The specification's scenarios, in the order in which the loss grows. */
const SCENARIOS = [
  'Lost row',
  'Lost database',
  'Lost volume',
  'Lost namespace',
  'Lost cluster',
  'Lost region',
  'Bad backup',
  'Leaked key',
];

const headings = (markdown: string): string[] => [...markdown.matchAll(/^#{2,3} (.+)$/gm)].map(([, text = '']) => text);

/** Fills in what a person would, so that a manifest can be checked against its schema. */
function filledIn(manifest: object): Manifest {
  const values: Record<string, string> = {
    SIZE: '1Gi',
    ACCESS_MODE: 'ReadWriteOnce',
    VOLUME_MODE: 'Filesystem',
    TARGET_TIME: '2024-01-15 14:30:00',
    DRIVER: 'disk.csi.azure.com',
    HANDLE: '/subscriptions/1/snapshots/2',
  };
  const text = JSON.stringify(manifest).replace(/\$\{([A-Z_]+):?\?\}/g, (_, name: string) => values[name] ?? 'name');
  return JSON.parse(text) as Manifest;
}

describe.each(examples)('the runbook of %s', (_, config) => {
  const plan = planRecovery(config);
  const runbook = runbookOf(plan);
  const procedures = proceduresOf(plan);
  const objects = objectsIn(render(config));

  it('has no placeholder that a reader must guess', () => {
    expect(runbook).not.toMatch(/<[a-z][a-z0-9 _-]*>|TODO|FIXME|example\.com|XXX|undefined|\[object|NaN/i);
  });

  it('names only shell variables that its procedure sets', () => {
    for (const section of runbook.split(/^#{2,3} /m)) {
      const set = new Set(
        [...section.matchAll(/(?:^|[\s;"]|\$\{)(?:export )?([A-Z][A-Z0-9_]+):?=/gm)].map((match) => match[1]),
      );
      const loops = new Set([...section.matchAll(/\bfor (\w+) in/g)].map((match) => match[1]));
      for (const [, name = ''] of section.matchAll(/\$\{?([A-Z][A-Z0-9_]+)\b/g)) {
        expect(
          set.has(name) || loops.has(name) || ['PWD', 'CLUSTER_SCOPED'].includes(name),
          `${name} in ${section.slice(0, 60)}`,
        ).toBe(true);
      }
    }
  });

  it('links only to headings that it has, each of which is there once', () => {
    const anchors = headings(runbook).map((text) =>
      text
        .toLowerCase()
        .replace(/[^a-z0-9 _-]/g, '')
        .replace(/ /g, '-'),
    );
    expect(new Set(anchors).size).toBe(anchors.length);
    for (const [, target] of runbook.matchAll(/\]\(#([^)]+)\)/g)) {
      expect(anchors).toContain(target);
    }
  });

  it('names only objects that are generated, external, or made by CloudNativePG or by the runbook itself', () => {
    const known = knownNames(plan, objects, procedures);
    for (const { kind, name, namespace } of namedIn(runbook)) {
      expect(known.has(`${kind} ${namespace}/${name}`), `${kind} ${namespace}/${name}`).toBe(true);
    }
  });

  it('names only key prefixes that something writes to', () => {
    const prefixes = [
      ...plan.databases.flatMap(({ dumps }) => (dumps?.tiers ?? []).map(({ prefix }) => prefix)),
      ...plan.volumes.map(({ prefix }) => prefix),
      ...(plan.etcd === undefined
        ? []
        : [plan.etcd.prefix, ...(plan.etcd.stream === undefined ? [] : [plan.etcd.stream.prefix])]),
      ...(plan.configuration === undefined ? [] : [plan.configuration.prefix]),
      ...allDrills(plan.drills).map(({ reportPrefix }) => reportPrefix),
      // What a recovered Cluster archives, and a back-out removes.
      ...plan.databases.map(({ path, archive }) => `${path}/${archive.nextServerName}`),
    ];
    for (const [, key = ''] of runbook.matchAll(/store:[a-z0-9-]+\/([a-z0-9/-]+)/g)) {
      expect(
        prefixes.some((prefix) => prefix === key.replace(/\/$/, '') || prefix.startsWith(key)),
        key,
      ).toBe(true);
    }
  });

  it('holds manifests that pass the strict schema once they are filled in', () => {
    const manifests = everyProcedure(procedures).flatMap(({ steps }) => steps.flatMap((step) => step.manifests ?? []));
    expect(manifests.length).toBeGreaterThan(0);
    const errors = manifests.map(filledIn).flatMap((manifest) => [...schemaErrors(manifest), ...ruleErrors(manifest)]);
    expect(errors).toEqual([]);
  });

  it('has a page for every alert that is generated', () => {
    const pages = alertPages(plan, procedures).map(({ name }) => name);
    for (const { name } of planAlerts(plan)) {
      expect(pages).toContain(name);
    }
  });

  it('says of every procedure how long it takes, how one knows that it worked, and how to back out', () => {
    for (const procedure of everyProcedure(procedures)) {
      expect(procedure.expected?.seconds, procedure.title).toBeGreaterThan(0);
      expect(procedure.worked).not.toBe('');
      expect(procedure.backOut).not.toBe('');
    }
  });

  it('holds no secret: what is read from a Secret is read when the commands run', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(runbook).not.toMatch(/BEGIN [A-Z ]*KEY/);
  });

  it('is a ConfigMap that the API server accepts, with the plan beside it', () => {
    for (const name of [plan.runbook.name, plan.runbook.planName]) {
      const { data, metadata } = find(objects, 'ConfigMap', name);
      expect(metadata.namespace).toBe(plan.runbook.namespace);
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(1024 ** 2 / 2);
    }
    expect(find(objects, 'ConfigMap', plan.runbook.name).data['runbook.md']).toBe(runbook);
  });

  it('can be made again from the plan that travels beside it', () => {
    const text = String(find(objects, 'ConfigMap', plan.runbook.planName).data['plan.json']);
    expect(runbookOf(readPlan(text))).toBe(runbook);
  });
});

describe('the runbook of the reference config', () => {
  const plan = planRecovery(nextgen);
  const procedures = proceduresOf(plan);
  const runbook = runbookOf(plan);

  it('has a page for each of the eight scenarios', () => {
    expect(scenariosOf(plan, procedures).map(({ title }) => title)).toEqual(SCENARIOS);
    for (const title of SCENARIOS) {
      expect(runbook).toContain(`\n## ${title}\n`);
    }
  });

  it('has a heading of its own for every alert, with what it means, first commands and where to go on', () => {
    const names = alertPages(plan, procedures).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(planAlerts(plan).map(({ name }) => name)));
    for (const name of names) {
      expect(runbook).toMatch(new RegExp(`^### ${name}\\n\\n.+\\n\\n\`\`\`sh\\n[^\`]+\`\`\`\\n\\nGo on with \\[`, 'm'));
    }
  });

  it('recovers a Cluster from the archive that it wrote, under a fresh name, in the size that it has', () => {
    const [database] = plan.databases;
    const live = find(objectsIn(render(nextgen)), 'Cluster', 'nextgen-postgres');
    const clusters = (procedures.databases[0]?.ownName ?? [])
      .concat(procedures.databases[0]?.beside ?? [])
      .map(({ steps }) => steps.flatMap((step) => step.manifests ?? [])[0] as Manifest);
    expect(clusters.map(({ metadata }) => metadata.name)).toEqual([
      'nextgen-postgres',
      'nextgen-postgres',
      'nextgen-postgres-2',
      'nextgen-postgres-2',
    ]);
    for (const { spec } of clusters) {
      const { bootstrap, externalClusters, plugins, ...rest } = spec;
      const { bootstrap: _, plugins: livePlugins, ...liveRest } = live.spec;
      expect(rest).toEqual(liveRest);
      expect(externalClusters[0].plugin.parameters).toEqual(livePlugins[0].parameters);
      expect(plugins[0].parameters.serverName).toBe(database?.archive.nextServerName);
      expect(plugins[0].isWALArchiver).toBe(true);
      expect(bootstrap.recovery).toMatchObject({
        source: externalClusters[0].name,
        database: 'nextgen_db',
        owner: 'nextgen',
      });
    }
    expect(clusters.map(({ spec }) => spec.bootstrap.recovery.recoveryTarget?.targetTime)).toEqual([
      undefined,
      undefined,
      variable('TARGET_TIME'),
      variable('TARGET_TIME'),
    ]);
    expect(clusters[0]?.spec.bootstrap.recovery.volumeSnapshots.walStorage.name).toBe(`${variable('BACKUP')}-wal`);
  });

  it('looks for what is left of a Cluster by its name, since its label is only on what belongs to it', () => {
    for (const { steps } of procedures.databases[0]?.ownName ?? []) {
      expect(steps[0]?.command?.split('\n')).toEqual([
        'kubectl get cluster nextgen-postgres -n production --ignore-not-found',
        'kubectl get pods,persistentvolumeclaims -n production -l cnpg.io/cluster=nextgen-postgres --ignore-not-found',
      ]);
    }
  });

  it('looks into the past with one instance that archives nothing', () => {
    const [cluster] = (procedures.databases[0]?.lostRows.steps[0]?.manifests ?? []) as Manifest[];
    expect(cluster?.spec.instances).toBe(1);
    expect(cluster?.spec.plugins).toBeUndefined();
    expect(cluster?.spec.backup).toBeUndefined();
  });

  it('creates and never overwrites', () => {
    expect(runbook).not.toMatch(/kubectl apply -f -|kubectl replace|--force(?![-\w])/);
  });

  it('says what is left when the region is lost, and that nothing is where there is no second store', () => {
    const region = sectionOf(runbook, 'Lost region');
    for (const { asset } of plan.replication?.offsite ?? []) {
      expect(region).toContain(`${asset}: `);
    }
    expect(region).toContain('make the target of `replication` the `storage`');
    const { replication: _, ...alone } = nextgen;
    const without = runbookOf(planRecovery(alone));
    expect(sectionOf(without, 'Lost region')).toContain('**no second copy of the store**');
    expect(without).not.toContain('### ReplicationLagging');
  });

  it('prints the contacts that the config names, and says so when it names none', () => {
    expect(runbook).toContain('nobody is named (config `runbook.contacts`)');
    const called = runbookOf(planRecovery({ ...nextgen, runbook: { contacts: ['Database team: +49 30 1234567'] } }));
    expect(called).toContain('- Database team: +49 30 1234567');
  });

  it('has the exact commands of every control-plane node', () => {
    const etcd = procedures.etcd?.steps.map(({ command }) => command).join('\n') ?? '';
    expect(etcd).toContain('--name "etcd-node1" --initial-advertise-peer-urls "https://10.0.1.10:2380"');
    expect(etcd).toContain('--initial-cluster "etcd-node1=https://10.0.1.10:2380"');
    expect(etcd).toContain('--bump-revision 1000000000 --mark-compacted');
    expect(etcd).toContain(`scp "restore/${variable('RUN')}/etcd.db" root@10.0.1.10:/root/etcd.db`);
    const three =
      proceduresOf(planRecovery(complete))
        .etcd?.steps.map(({ command }) => command)
        .join('\n') ?? '';
    const cluster = 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380,cp3=https://10.0.0.3:2380';
    for (const name of ['cp1', 'cp2', 'cp3']) {
      expect(three).toContain(`--name "${name}"`);
    }
    expect(three.split(`--initial-cluster "${cluster}"`)).toHaveLength(4);
  });
});

interface Named {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

const KINDS: Readonly<Record<string, string>> = {
  cronjob: 'CronJob',
  cluster: 'Cluster',
  objectstore: 'ObjectStore',
  secret: 'Secret',
  namespace: 'Namespace',
  configmap: 'ConfigMap',
  backup: 'Backup',
  job: 'Job',
};

/** What commands name: `kubectl VERB KIND NAME -n NAMESPACE`, `KIND/NAME`, and the labels of a Cluster. */
function namedIn(runbook: string): Named[] {
  const kinds = Object.keys(KINDS).join('|');
  const byName = new RegExp(`kubectl \\w+ (${kinds})[ /](?:generic )?([a-z0-9-]+)(?: -n ([a-z0-9-]+))?`, 'g');
  const from = /kubectl create job -n ([a-z0-9-]+) --from=cronjob\/([a-z0-9-]+)/g;
  const clusters = /-n ([a-z0-9-]+) -l cnpg\.io\/cluster=([a-z0-9-]+)/g;
  return [
    ...[...runbook.matchAll(byName)].map(([, kind = '', name = '', namespace = '']) => ({
      kind: KINDS[kind] ?? '',
      name,
      namespace,
    })),
    ...[...runbook.matchAll(from)].map(([, namespace = '', name = '']) => ({ kind: 'CronJob', name, namespace })),
    ...[...runbook.matchAll(clusters)].map(([, namespace = '', name = '']) => ({ kind: 'Cluster', name, namespace })),
  ].filter(({ kind, name }) => !(kind === 'Job' && name.startsWith('-')));
}

function knownNames(
  plan: ReturnType<typeof planRecovery>,
  objects: readonly Manifest[],
  procedures: ReturnType<typeof proceduresOf>,
): Set<string> {
  const made = everyProcedure(procedures).flatMap(({ steps }) =>
    steps.flatMap((step) => (step.manifests ?? []) as Manifest[]),
  );
  return new Set([
    ...[...objects, ...made].map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`),
    ...plan.externalReferences.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
  ]);
}
