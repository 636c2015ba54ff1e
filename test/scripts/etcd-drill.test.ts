import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { goBinary } from '../cluster/machine/go-binaries';
import { EtcdMember } from './etcd-member';
import type { Outcome } from './support';
import { own, podFolder, run, tree } from './support';
import { workFolder } from './tools';

const KEYS = 200;
const CLIENT = 'http://127.0.0.1:23797';
const PEER = 'http://127.0.0.1:23798';
const root = workFolder();
const member = new EtcdMember(root);
const sealing = { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(root, 'passphrase') };
let folder = '';
let restored: ChildProcess | undefined;

const work = (...path: string[]): string => join(folder, 'work', ...path);
const store = (): Record<string, string> => ({
  RCLONE_CONFIG_STORE_TYPE: 'alias',
  RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
  RCLONE_RETRIES: '1',
  RCLONE_LOW_LEVEL_RETRIES: '1',
  STORE: 'store:backups',
});
const succeed = (...outcomes: Outcome[]): void => {
  for (const outcome of outcomes) {
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
  }
};
const step = (name: string, script: string, env: Record<string, string> = {}): Outcome =>
  run(folder, 'drill-step.sh', { STEP: name, STEP_SCRIPT: script, DRILL_SECONDS: '300', ...env });
const examine = (env: Record<string, string> = {}): Outcome =>
  step('examine', 'examine-etcd.sh', { ETCD_ENDPOINT: CLIENT, MINIMUM_KEYS: '100', START_SECONDS: '60', ...env });
const report = (onlyFailure = 'false'): Outcome =>
  run(folder, 'drill-report.sh', {
    ...store(),
    KEY_PREFIX: 'reports/etcd/drills',
    DRILL: 'etcd-restore',
    DRILL_TITLE: 'etcd Restore',
    ASSET: 'etcd',
    ASSUMED_PARTS: 'detect 2m, restart 1m',
    ASSUMED_SECONDS: '180',
    PLANNED_SECONDS: '300',
    RTO_SECONDS: '400',
    LIMIT_SECONDS: '400',
    ONLY_FAILURE: onlyFailure,
  });
const json = () => {
  const folderOf = join(folder, 'store/backups/reports/etcd/drills');
  const [name = ''] = readdirSync(folderOf).filter((file) => file.endsWith('.json'));
  return JSON.parse(readFileSync(join(folderOf, name), 'utf8'));
};

/** Stores a snapshot as the stream does. */
function commit(): void {
  succeed(
    run(folder, 'save-snapshot.sh', member.environment),
    run(folder, 'seal.sh', { ASSET: 'etcd', TIER: 'stream', ...sealing }),
    run(folder, 'ship.sh', { ...store(), KEY_PREFIX: 'etcd/stream' }),
  );
}

/** The steps before the binaries of etcd. */
function open(env: Record<string, string> = {}): void {
  succeed(
    step('fetch', 'fetch-latest.sh', { ...store(), TIERS: 'etcd/stream=600' }),
    step('unseal', 'unseal.sh', { ...sealing, ...env }),
    step('check', 'check-snapshot.sh'),
  );
}

/** What the binaries of etcd do in the pod. */
function start(): void {
  const identity = ['--name', 'drill', '--initial-cluster', `drill=${PEER}`, '--initial-advertise-peer-urls', PEER];
  const data = ['--data-dir', work('member')];
  const outcome = spawnSync(goBinary('etcdutl'), [
    'snapshot',
    'restore',
    work('restored/etcd.db'),
    ...data,
    ...identity,
  ]);
  expect(outcome.status, String(outcome.stderr)).toBe(0);
  spawnSync('chown', ['-R', 'postgres', work('member')]);
  const urls = ['--listen-client-urls', CLIENT, '--advertise-client-urls', CLIENT, '--listen-peer-urls', PEER];
  restored = spawn(goBinary('etcd'), [...data, ...identity, ...urls, '--unsafe-no-fsync'], { stdio: 'ignore' });
}

beforeAll(async () => {
  writeFileSync(sealing.SEAL_PASSPHRASE_FILE, 'correct horse\n');
  await member.start();
  member.fill(KEYS);
});

afterAll(() => {
  member.stop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  folder = podFolder('store/backups');
  commit();
  return () => {
    restored?.kill('SIGKILL');
    restored = undefined;
    rmSync(folder, { recursive: true, force: true });
  };
});

describe('a drill of etcd', () => {
  it('restores the newest snapshot, counts the keys of a member, and reports its time', () => {
    open();
    expect(report('true')).toMatchObject({ code: 0, out: '', err: '' });
    expect(tree(join(folder, 'store/backups/reports'))).toEqual([]);
    start();
    succeed(examine(), report());
    const found = json();
    expect(found).toMatchObject({
      drill: 'etcd-restore',
      status: 'passed',
      rto: 'met',
      assumedSeconds: 180,
      tables: [],
    });
    expect(found.source).toMatch(/^etcd\/stream\/\d{8}T\d{6}Z$/);
    expect(found.parts.map(({ name }: { name: string }) => name)).toEqual([
      ...['fetch', 'unseal', 'check', 'restore', 'examine'],
    ]);
    expect(found.checks).toEqual([
      { result: 'passed', name: 'keys', found: `${KEYS} keys at revision 3, at least 100 expected` },
      { result: 'passed', name: 'values', found: expect.stringMatching(/^every value was read; hash \d+$/) },
    ]);
  });

  it('fails when the member holds too few keys, or does not start', () => {
    open();
    succeed(examine({ START_SECONDS: '1' }));
    expect(report()).toMatchObject({
      code: 1,
      err: expect.stringContaining('examine: the restored member does not start within 1 s: curl:'),
    });
    rmSync(join(folder, 'store/backups/reports'), { recursive: true });
    rmSync(work('drill/failure'));
    open();
    start();
    succeed(examine({ MINIMUM_KEYS: '201' }));
    expect(report().code).toBe(1);
    expect(json()).toMatchObject({
      status: 'failed',
      failure: expect.stringMatching(/^examine: .*: keys.*200 keys at revision 3, at least 201 expected$/),
      checks: [{ result: 'failed', name: 'keys' }, { result: 'passed' }],
    });
  });

  it.each([
    [
      'the key is wrong',
      { SEAL_PASSPHRASE_FILE: '/etc/hostname' },
      (_: string): void => {},
      /^unseal: .*wrong key or damaged$/,
    ],
    [
      'the stored object is damaged',
      {},
      (file: string): void => writeFileSync(file, readFileSync(file).subarray(1)),
      /^unseal: etcd\.db\.gpg has \d+ bytes, its marker says \d+$/,
    ],
  ])('ends at the gate with a report when %s, before a binary that no shell can skip', (_, env, damage, message) => {
    const [name = ''] = tree(join(folder, 'store')).filter((file) => file.endsWith('etcd.db.gpg'));
    damage(join(folder, 'store', name));
    open(env);
    expect(report('true').code).toBe(1);
    expect(json()).toMatchObject({ status: 'failed', rto: 'unknown', failure: expect.stringMatching(message) });
    expect(tree(work('restored'))).toEqual([]);
  });

  it('notices a snapshot that is not what etcd saved, though it was sealed and stored well', () => {
    open();
    const bytes = readFileSync(work('restored/etcd.db'));
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(work('restored/etcd.db'), bytes);
    succeed(step('check', 'check-snapshot.sh'));
    expect(report('true').err).toContain('check: the snapshot does not have the checksum that etcd gave it');
    // Reports of one second have one name, and a quick machine makes both in it.
    rmSync(join(folder, 'store/backups/reports'), { recursive: true });
    rmSync(work('drill/failure'));
    mkdirSync(work('restored'));
    writeFileSync(work('restored/etcd.db'), bytes.subarray(0, 5000));
    own(work('restored'));
    succeed(step('check', 'check-snapshot.sh'));
    expect(report('true').err).toContain('check: the snapshot is incomplete: 5000 bytes');
  });
});
