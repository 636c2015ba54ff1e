import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, recorded } from '../cluster-objects';
import { EtcdMember, restoredKeys } from '../etcd-member';
import { FakePushgateway, reportOf } from '../pushgateway';
import { claim, LABELS, NAMESPACE, SnapshotApi } from '../snapshot-api';
import { own, podFolder, run, tree } from '../support';
import { workFolder } from '../tools';
import { type Aim, killAgainAndAgain, SEED, type Step, type Victim } from './kills';
import { expectNothingLost, expectSuccess, markersIn, storedIn } from './stored';

const root = workFolder();
let gateway: FakePushgateway;

beforeAll(async () => {
  gateway = await FakePushgateway.start(root);
});

afterAll(() => {
  gateway.stop();
  rmSync(root, { recursive: true, force: true });
});

const storeOf = (folder: string, remote = 'STORE', name = 'store'): Record<string, string> => ({
  [`RCLONE_CONFIG_${remote}_TYPE`]: 'alias',
  [`RCLONE_CONFIG_${remote}_REMOTE`]: join(folder, name),
});

const sealingOf = (folder: string): Record<string, string> => {
  writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
  return { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(folder, 'passphrase') };
};

const reporting = (job: string): Record<string, string> => {
  const { path, text } = reportOf(job);
  return { PUSH_URL: `${gateway.url}${path}`, PUSH_REPORT: text };
};

const seal = (folder: string, asset: string): Step => ({
  script: 'seal.sh',
  env: { ASSET: asset, TIER: 'scheduled', ...sealingOf(folder) },
});

const ship = (folder: string, prefix: string, report: Record<string, string> = {}): Step => ({
  script: 'ship.sh',
  env: { ...storeOf(folder), STORE: 'store:backups', KEY_PREFIX: prefix, ...report },
});

/** Kills each step as often as told. */
async function kill(victim: Victim, ...aims: Aim[]): Promise<void> {
  for (const aim of aims) {
    const hits = await killAgainAndAgain(victim, aim);
    expect(Object.values(hits).reduce((sum, count) => sum + count, 0)).toBe(aim.kills);
  }
}

/** Opens the newest run of a store into work/restored. */
function open({ folder, bucket }: Victim): void {
  const newest = markersIn(storedIn(bucket)).at(-1) ?? '';
  const env = { ...storeOf(folder), STORE: 'store:backups', PREFIXES: dirname(dirname(newest)), NOT_AFTER: '' };
  expectSuccess(run(folder, 'fetch-run.sh', env), run(folder, 'unseal.sh', sealingOf(folder)));
}

it(`a snapshot of etcd that is killed at any moment loses neither a run of the store nor a copy on the node (seed ${SEED})`, async () => {
  const member = new EtcdMember(root);
  await member.start();
  member.fill(2000);
  const folder = podFolder('store/backups', 'local');
  const local = join(folder, 'local');
  const victim: Victim = {
    folder,
    gateway,
    bucket: join(folder, 'store/backups'),
    phases: {},
    steps: [
      { script: 'save-snapshot.sh', env: member.environment },
      seal(folder, 'etcd'),
      { script: 'keep-local.sh', env: { LOCAL_DIR: local, LOCAL_COPIES: '2' } },
      ship(folder, 'etcd/snapshots', reporting('etcd-backup')),
    ],
    // Copies that are whole are called by their run; of these at least the two newest stay.
    inspect: () => {
      const copies = readdirSync(local).filter((name) => !name.startsWith('.'));
      expectNothingLost({}, local, (key) => !key.startsWith('.'));
      expect(copies.length).toBeGreaterThanOrEqual(1);
    },
  };
  try {
    await kill(
      victim,
      { script: 'save-snapshot.sh', kills: 6 },
      { script: 'keep-local.sh', kills: 6 },
      { script: 'ship.sh', kills: 3 },
    );
    open(victim);
    expect(restoredKeys(join(folder, 'work/restored/etcd.db'), join(folder, 'restored'))).toBeGreaterThanOrEqual(2000);
  } finally {
    member.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 900_000);

it(`an export of cluster objects that is killed at any moment loses nothing, and the next one is whole (seed ${SEED})`, async () => {
  const folder = podFolder('store/backups', 'api');
  const record = (name: string, answer: string): void => writeFileSync(join(folder, 'api', `${name}.json`), answer);
  const kinds = ['configmaps', 'secrets', 'services'];
  record('version', '{"clientVersion": {"gitVersion": "v1.34.1"}, "serverVersion": {"gitVersion": "v1.34.4"}}');
  for (const kind of kinds) {
    const objects = Array.from({ length: 300 }, (_, index) =>
      recorded({ apiVersion: 'v1', kind: 'ConfigMap', name: `object-${index}`, namespace: NAMESPACE }),
    );
    record(kind, listOf(...objects));
  }
  own(folder);
  const victim: Victim = {
    folder,
    gateway,
    bucket: join(folder, 'store/backups'),
    phases: {},
    steps: [
      { script: 'export.sh', env: { RESOURCES: kinds.join(' '), NAMESPACES: '' } },
      seal(folder, 'configuration'),
      ship(folder, 'config', reporting('config-backup')),
    ],
  };
  await kill(victim, { script: 'export.sh', kills: 7 }, { script: 'ship.sh', kills: 3 });
  open(victim);
  expect(tree(join(folder, 'work/restored'))).toEqual([...kinds, 'index'].map((kind) => `${kind}.json`).sort());
  for (const kind of kinds) {
    expect(JSON.parse(readFileSync(join(folder, 'work/restored', `${kind}.json`), 'utf8')).items).toHaveLength(300);
  }
  rmSync(folder, { recursive: true, force: true });
}, 900_000);

it(`snapshots of volumes that are killed at any moment are taken once, and recorded by the next run (seed ${SEED})`, async () => {
  const api = new SnapshotApi();
  const claims = ['postgres-data', 'redis-data'].map((name) => claim(name));
  mkdirSync(join(api.folder, 'store/backups'), { recursive: true });
  api.set({ claims });
  // A Job of the schedule ends in its minute, and its retry has the same name.
  const minute = (): number => Math.floor(Date.now() / 60_000) - 10;
  const snapshot: Record<string, string> = {
    NAMESPACE,
    CLAIMS: 'postgres-data redis-data',
    CLAIM_SELECTOR: '',
    SNAPSHOT_CLASS: 'snapshots',
    SCHEDULE: 'data',
    LABELS,
    READY_SECONDS: '20',
    JOB_NAME: `data-snapshots-${minute()}`,
    ...{ QUIESCE_PODS: '', QUIESCE_CONTAINER: '', QUIESCE_BEFORE: '', QUIESCE_AFTER: '', QUIESCE_SECONDS: '5' },
  };
  const victim: Victim = {
    folder: api.folder,
    gateway,
    bucket: join(api.folder, 'store/backups'),
    phases: {},
    prepare: () => {
      snapshot.JOB_NAME = `data-snapshots-${minute()}`;
      api.set({ claims });
    },
    // A retry finds what the run before it took: one snapshot of each claim, whatever happened.
    inspect: () => expect(api.state.snapshots.length).toBeLessThanOrEqual(2),
    steps: [
      { script: 'snapshot.sh', env: snapshot },
      { script: 'record.sh', env: {} },
      seal(api.folder, 'data'),
      ship(api.folder, 'volumes/data'),
      { script: 'conclude.sh', env: reporting('pv-snapshot-scheduler') },
    ],
  };
  await kill(
    victim,
    { script: 'snapshot.sh', kills: 6 },
    { script: 'record.sh', kills: 5 },
    { script: 'ship.sh', kills: 3 },
  );
  expect(api.state.snapshots).toHaveLength(2);
  open(victim);
  expect(tree(join(api.folder, 'work/restored'))).toHaveLength(2);
  rmSync(api.folder, { recursive: true, force: true });
}, 900_000);

describe('a replication', () => {
  it(`that is killed at any moment commits nothing that is not whole, and the next one completes it (seed ${SEED})`, async () => {
    const folder = podFolder('first', 'second');
    let runs = 0;
    const add = (): void => {
      runs += 1;
      const place = join(
        folder,
        'first/postgres/daily',
        new Date(Date.UTC(2026, 0, runs)).toISOString().replace(/[-:]|\.\d+/g, ''),
      );
      mkdirSync(place, { recursive: true });
      const content = `dump ${runs} `.repeat(100_000);
      writeFileSync(join(place, 'database.dump.gpg'), content);
      const sum = createHash('sha256').update(content).digest('hex');
      const file = `    {"name": "database.dump.gpg", "bytes": ${content.length}, "sha256": "${sum}"}`;
      writeFileSync(join(place, 'backup.json'), `{\n  "version": 1,\n  "files": [\n${file}\n  ]\n}\n`);
      own(folder);
    };
    const victim: Victim = {
      folder,
      gateway,
      bucket: join(folder, 'second'),
      phases: {},
      prepare: add,
      slow: { RCLONE_BWLIMIT: '4M' },
      steps: [
        {
          script: 'replicate.sh',
          env: {
            ...storeOf(folder, 'STORE', 'first'),
            ...storeOf(folder, 'TARGET', 'second'),
            ...{ STORE: 'store:', TARGET: 'target:', PREFIXES: 'postgres/daily=backup.json' },
            ...{ BATCH: '50', BATCH_BYTES: '1000000', WAL_SECONDS: '86400', ...reporting('backup-replication') },
          },
        },
      ],
      inspect: () => expect(Object.keys(storedIn(join(folder, 'first')))).toHaveLength(2 * runs),
    };
    await kill(victim, { script: 'replicate.sh', kills: 10 });
    expect(storedIn(join(folder, 'second'))).toEqual(storedIn(join(folder, 'first')));
    rmSync(folder, { recursive: true, force: true });
  }, 900_000);
});
