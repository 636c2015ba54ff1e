import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { nextgen } from '../../app';
import { planDocument, planRecovery } from '../../lib';
import { restoreCommand } from '../../lib/cli/restore-command';
import { RestoreError } from '../../lib/recovery';
import { minimal } from '../support/configs';
import type { Manifest } from '../support/schema';
import { schemaErrors } from '../support/schema';

/** When these restores are asked for. */
const NOW = new Date('2024-01-16T00:00:00Z');
const CLAIM = 'postgres-data-pvc';
const SNAPSHOT = `${CLAIM}-data-20240115t140000z`;

const folder = mkdtempSync(join(tmpdir(), 'dr-restore-'));
const file = (name: string): string => join(folder, name);
const plan = file('plan.json');

const record = {
  version: 1,
  snapshot: SNAPSHOT,
  claim: CLAIM,
  driver: 'disk.csi.azure.com',
  snapshotHandle: '/subscriptions/s/snapshots/n',
  restoreSize: '64Gi',
  import: {
    items: [
      { spec: { sourceVolumeMode: 'Filesystem' } },
      {},
      {
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'managed-csi',
          resources: { requests: { storage: '64Gi' } },
        },
      },
    ],
  },
};

beforeAll(() => {
  writeFileSync(plan, planDocument(planRecovery(nextgen)));
  writeFileSync(file('record.json'), JSON.stringify(record));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function restore(...args: string[]): { readonly objects: Manifest[]; readonly out: string; readonly err: string } {
  const { out, err } = restoreCommand([...args, '--plan', plan], NOW);
  const objects = out.startsWith('#')
    ? []
    : (parseAllDocuments(out) as { toJS(): unknown }[]).map((document) => document.toJS() as Manifest);
  return { objects: objects.filter((object) => object !== null), out, err };
}

function refusal(...args: string[]): string {
  try {
    restore(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(RestoreError);
    return (error as Error).message;
  }
  throw new Error(`restore ${args.join(' ')} should be refused`);
}

describe('restore database', () => {
  it.each([
    ['2024-01-15T14:30:00Z', '2024-01-15T14:30:00Z'],
    ['2024-01-15 14:30:00', '2024-01-15T14:30:00Z'],
    ['2024-01-15T16:30:00+02:00', '2024-01-15T14:30:00Z'],
    ['2024-01-15 16:30:00+02', '2024-01-15T14:30:00Z'],
    ['2024-01-15T14:30:00.250Z', '2024-01-15T14:30:00.250Z'],
  ])('reads the time %s as %s', (given, expected) => {
    const [cluster] = restore('database', 'nextgen-postgres', '--at', given).objects;
    expect(cluster?.spec.bootstrap.recovery.recoveryTarget).toEqual({ targetTime: expected });
  });

  it('prints one Cluster of the same size that archives under a fresh name, and the steps beside it', () => {
    const { objects, err } = restore('database', 'nextgen-postgres', '--latest');
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Cluster nextgen-postgres-2']);
    const [{ spec } = {} as Manifest] = objects;
    expect(spec.instances).toBe(3);
    expect(spec.plugins[0].parameters.serverName).toBe('nextgen-postgres-2');
    expect(spec.externalClusters[0].plugin.parameters.serverName).toBe('nextgen-postgres');
    expect(spec.bootstrap.recovery.recoveryTarget).toBeUndefined();
    expect(objects.flatMap(schemaErrors)).toEqual([]);
    expect(err).toContain('**To back out**');
  });

  it('takes a position in the log, a restore point, volume snapshots, or its own name', () => {
    const recovery = (...args: string[]) => restore('database', 'nextgen-postgres', ...args).objects[0];
    expect(recovery('--lsn', '0/3000000')?.spec.bootstrap.recovery.recoveryTarget).toEqual({ targetLSN: '0/3000000' });
    const point = recovery('--name', 'before-upgrade', '--backup-id', '20240115T020000');
    expect(point?.spec.bootstrap.recovery.recoveryTarget).toEqual({
      targetName: 'before-upgrade',
      backupID: '20240115T020000',
    });
    const backup = 'nextgen-postgres-snapshot-20240115120000';
    const { storage, walStorage } =
      recovery('--from', 'snapshot', '--backup', backup)?.spec.bootstrap.recovery.volumeSnapshots ?? {};
    expect([storage.name, walStorage.name]).toEqual([backup, `${backup}-wal`]);
    expect(recovery('--own-name')?.metadata.name).toBe('nextgen-postgres');
  });

  it.each([
    [['nowhere'], 'the plan has no database nowhere; it has nextgen-postgres'],
    [['nextgen-postgres', '--at', '2024-01-17T00:00:00Z'], 'has not come yet; it is 2024-01-16T00:00:00Z'],
    [['nextgen-postgres', '--at', '2023-12-16T00:00:00Z'], 'the earliest is 2023-12-17T00:00:00Z'],
    [['nextgen-postgres', '--at', '2024-02-30T00:00:00Z'], '"2024-02-30T00:00:00Z" is no moment'],
    [['nextgen-postgres', '--at', 'yesterday'], 'write 2024-01-15T14:30:00Z'],
    [['nextgen-postgres', '--at', '2024-01-15T00:00:00Z', '--lsn', '0/3'], 'give one of'],
    [['nextgen-postgres', '--lsn', 'x'], 'it looks like 0/3000000'],
    [['nextgen-postgres', '--name', 'a'], 'needs the id of the base backup'],
    [['nextgen-postgres', '--from', 'tape'], 'it is object-store or snapshot'],
    [['nextgen-postgres', '--from', 'snapshot'], 'go together'],
    [['nextgen-postgres', '--latest', '--lsn', '0/3'], '--latest goes with none'],
    [['nextgen-postgres', '--tier', 'daily'], 'restore database does not take --tier'],
    [['nextgen-postgres', '--frmo'], "Unknown option '--frmo'"],
    [[], 'restore database takes one name'],
  ])('is refused, with what works: %s', (args, message) => {
    expect(refusal('database', ...args)).toContain(message);
  });

  it('accepts the earliest moment of the recovery window', () => {
    expect(restore('database', 'nextgen-postgres', '--at', '2023-12-17T00:00:00Z').objects).toHaveLength(1);
  });
});

describe('restore dump', () => {
  const environment = (...args: string[]): Record<string, string> => {
    const job = restore('dump', 'nextgen-postgres', ...args).objects.find(({ kind }) => kind === 'Job');
    const [fetch] = job?.spec.template.spec.initContainers ?? [];
    return Object.fromEntries(fetch.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
  };

  it('takes the newest of all tiers, or of one, that is not later than a time', () => {
    expect(environment()).toMatchObject({ PREFIXES: 'postgres/daily postgres/hourly', NOT_AFTER: '' });
    expect(environment('--tier', 'hourly', '--at', '2024-01-15 14:30:00')).toMatchObject({
      PREFIXES: 'postgres/hourly',
      NOT_AFTER: '20240115T143000Z',
    });
  });

  it('prints Job, identity and network policy, which pass the schema', () => {
    const { objects } = restore('dump', 'nextgen-postgres');
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'NetworkPolicy', 'Job']);
    expect(objects.flatMap(schemaErrors)).toEqual([]);
  });

  it('is refused for a tier that there is not, a time that no dump is kept for, or a database without dumps', () => {
    expect(refusal('dump', 'nextgen-postgres', '--tier', 'weekly')).toBe(
      'there is no tier weekly; there are daily, hourly',
    );
    expect(refusal('dump', 'nextgen-postgres', '--tier', 'hourly', '--at', '2024-01-01 00:00:00')).toContain(
      'kept for 7d',
    );
    writeFileSync(file('minimal.json'), planDocument(planRecovery(minimal)));
    expect(() => restoreCommand(['dump', 'orders', '--plan', file('minimal.json')], NOW)).toThrow(
      'orders has no dumps',
    );
  });
});

describe('restore volume', () => {
  it('makes the claim in the size that the record says, beside the old one', () => {
    const { objects } = restore('volume', CLAIM, '--record', file('record.json'));
    const [claim] = objects;
    expect(claim?.metadata).toMatchObject({ name: `${CLAIM}-restored`, namespace: 'production' });
    expect(claim?.spec).toMatchObject({
      storageClassName: 'managed-csi',
      dataSource: { kind: 'VolumeSnapshot', name: SNAPSHOT },
      resources: { requests: { storage: '64Gi' } },
    });
    expect(JSON.stringify(objects)).not.toContain('${');
  });

  it('imports the snapshot of the provider by its handle, and never lets its deletion delete it', () => {
    const { objects } = restore('volume', CLAIM, '--record', file('record.json'), '--import');
    expect(objects.map(({ kind }) => kind)).toEqual([
      'VolumeSnapshotContent',
      'VolumeSnapshot',
      'PersistentVolumeClaim',
    ]);
    expect(objects[0]?.spec).toMatchObject({
      deletionPolicy: 'Retain',
      driver: 'disk.csi.azure.com',
      source: { snapshotHandle: '/subscriptions/s/snapshots/n' },
      volumeSnapshotRef: { name: SNAPSHOT, namespace: 'production' },
    });
    expect(objects.flatMap(schemaErrors)).toEqual([]);
  });

  it('is refused for the record of another claim, and for a claim that nothing protects', () => {
    expect(refusal('volume', 'redis-data-pvc', '--record', file('record.json'))).toContain(`a snapshot of ${CLAIM}`);
    writeFileSync(file('other.json'), JSON.stringify({ ...record, claim: 'other' }));
    expect(refusal('volume', 'other', '--record', file('other.json'))).toContain('protected are postgres-data-pvc');
    writeFileSync(file('broken.json'), '{}');
    expect(refusal('volume', CLAIM, '--record', file('broken.json'))).toContain('is no record of a snapshot');
  });
});

describe('restore etcd and configuration', () => {
  it('print steps only, and look for the newest run that is not later than a time', () => {
    const { out, err } = restore('etcd', '--at', '2024-01-15 14:30:00');
    expect(out).toBe('');
    expect(err).toContain('store:backups/etcd/snapshots');
    expect(err).toContain('awk \'$0 <= "20240115T143000Z"');
    expect(err).not.toContain("\nRUN=''");
    const configuration = restore('configuration', '--at', '2024-01-15 14:30:00', '--namespace', 'shop').err;
    expect(configuration).toContain('NAMESPACE=shop');
    expect(configuration).not.toContain("\nNAMESPACE=''");
  });

  it('refuse a namespace that is none, and a time before all that is kept', () => {
    expect(refusal('configuration', '--namespace', 'Not One')).toContain('NAMESPACE is "Not One"');
    expect(refusal('etcd', '--at', '2023-01-01 00:00:00')).toContain('kept for 90d');
  });
});

describe('--runbook', () => {
  it('prints the whole procedure as Markdown, with manifests that are filled in', () => {
    const { out, err } = restore('database', 'nextgen-postgres', '--at', '2024-01-15 14:30:00', '--runbook');
    expect(err).toBe('');
    expect(out).toMatch(/^# Recover database nextgen-postgres beside the old one, to a moment\n/);
    expect(out).toContain('targetTime: "2024-01-15T14:30:00Z"');
    expect(out).not.toContain("TARGET_TIME=''");
  });
});

describe('the command', () => {
  const main = resolve('lib/cli/main.ts');
  const run = (
    args: string[],
    cwd: string,
    path = process.env.PATH ?? '',
  ): { code: number | null; out: string; err: string } => {
    const loader = resolve('node_modules/tsx/dist/loader.mjs');
    const result = spawnSync(process.execPath, ['--import', loader, main, ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: path },
    });
    return { code: result.status, out: result.stdout, err: result.stderr };
  };

  it('finds the plan in the nearest dist/, from a folder below it', () => {
    mkdirSync(file('repo/apps/shop'), { recursive: true });
    cpSync('dist', file('repo/dist'), { recursive: true });
    const { code, out, err } = run(['restore', 'database', 'nextgen-postgres'], file('repo/apps/shop'));
    expect(code, err).toBe(0);
    expect(out).toContain('name: nextgen-postgres-2');
    expect(err).toContain('# Recover database');
  });

  it('reads the plan from the cluster', () => {
    mkdirSync(file('bin'), { recursive: true });
    const items = [
      { kind: 'ConfigMap', data: { 'plan.json': readFileSync(plan, 'utf8') } },
      { kind: 'ConfigMap', data: {} },
    ];
    writeFileSync(file('answer.json'), JSON.stringify({ items }));
    writeFileSync(file('bin/kubectl'), `#!/bin/sh\nexec cat ${file('answer.json')}\n`, { mode: 0o755 });
    const path = `${file('bin')}${delimiter}${process.env.PATH ?? ''}`;
    const { code, out } = run(['restore', 'database', 'nextgen-postgres', '--from-cluster'], folder, path);
    expect(code).toBe(0);
    expect(out).toContain('name: nextgen-postgres-2');
    expect(run(['restore', 'etcd', '--from-cluster', '--site', 'other'], folder, path).err).toContain('found: nextgen');
  });

  it('says what is wrong in one line, prints no manifest, and exits with 1', () => {
    const { code, out, err } = run(['restore', 'database', 'nowhere', '--plan', plan], folder);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe('error: the plan has no database nowhere; it has nextgen-postgres\n');
    mkdirSync(file('empty'));
    expect(run(['restore', 'etcd'], file('empty')).err).toContain('there is no dist/ with manifests here or above');
  });

  it('explains itself', () => {
    expect(run(['restore', '--help'], folder)).toMatchObject({
      code: 0,
      out: expect.stringContaining('cdk8s-dr restore WHAT'),
    });
    expect(run(['destroy'], folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no command destroy'),
    });
  });
});
