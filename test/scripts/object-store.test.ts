import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Remote } from '../../lib/storage';
import { ObjectStoreServer } from './object-store-server';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { workFolder } from './tools';

const root = workFolder();
let server: ObjectStoreServer;
let environment: Record<string, string>;
let folder = '';
let prefix = '';
let tests = 0;

function put(path: string, content: string): void {
  mkdirSync(join(folder, 'work', path, '..'), { recursive: true });
  writeFileSync(join(folder, 'work', path), content);
  spawnSync('chown', ['-R', 'postgres', join(folder, 'work')]);
}

function prepareRun(id: string): void {
  put('run/id', `${id}\n`);
  put('outbox/database.tar.gpg', `data of ${id}`);
  put('marker/backup.json', '{\n  "files": [\n    {"name": "database.tar.gpg", "bytes": 24, "sha256": "00"}\n  ]\n}\n');
}

const ship = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'ship.sh', { ...environment, KEY_PREFIX: prefix, ...env });
function succeed(outcome: Outcome): void {
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
}

const stored = (): string[] => tree(join(server.bucket, prefix));

beforeAll(async () => {
  server = await ObjectStoreServer.start(root);
  environment = server.environment();
});

afterAll(() => {
  server.stop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  folder = workFolder();
  mkdirSync(join(folder, 'scripts'));
  mkdirSync(join(folder, 'work'));
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  spawnSync('chown', ['postgres', join(folder, 'work')]);
  // The server caches what it serves, so each test has a prefix of its own rather than an emptied bucket.
  tests += 1;
  prefix = `test-${tests}/daily`;
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('on an S3 store, configured as the manifests do it', () => {
  it('a run is stored under its key, can be shipped again, and is never overwritten', () => {
    prepareRun('20260101T000000Z');
    succeed(ship());
    expect(stored()).toEqual(['20260101T000000Z/backup.json', '20260101T000000Z/database.tar.gpg']);
    succeed(ship());
    put('outbox/database.tar.gpg', 'other data of that run!!');
    expect(ship().code).not.toBe(0);
  });

  it('a prefix that nothing was written to yet is empty, and no backup there is an error', () => {
    const outcome = run(folder, 'fetch-latest.sh', { ...environment, TIERS: `${prefix}=60` });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('no committed backup') });
  });

  it('the newest run is fetched with every object that its marker lists', () => {
    for (const id of ['20260101T000000Z', '20260102T000000Z']) {
      prepareRun(id);
      succeed(ship());
    }
    expect(run(folder, 'fetch-latest.sh', { ...environment, TIERS: `${prefix}=999999999` })).toMatchObject({
      code: 0,
      out: expect.stringContaining(`fetch: ${prefix}/20260102T000000Z`),
    });
    expect(tree(join(folder, 'work/backup'))).toEqual(['backup.json', 'database.tar.gpg']);
  });

  it('a wrong key fails at once, and says so', () => {
    prepareRun('20260101T000000Z');
    const outcome = ship({ RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: 'wrongsecret' });
    expect(outcome).toMatchObject({
      code: 1,
      err: expect.stringContaining(`error: upload to store:backups/${prefix}`),
    });
    expect(outcome.err).not.toContain('wrongsecret');
    expect(stored()).toEqual([]);
  });

  it('prune removes expired runs whole, and keeps the floor', () => {
    for (const day of [1, 2, 3, 4, 5]) {
      prepareRun(`2026010${day}T000000Z`);
      succeed(ship());
    }
    const outcome = run(folder, 'prune.sh', {
      ...environment,
      RULES: `${prefix}=86400:3`,
      ABANDONED_AFTER_SECONDS: '86400',
    });
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
    expect(new Set(stored().map((key) => key.split('/')[0]))).toEqual(
      new Set(['20260103T000000Z', '20260104T000000Z', '20260105T000000Z']),
    );
  });

  it('a second copy in it is proven, committed, found again at the next run, and never overwritten', () => {
    const source = join(folder, 'first');
    const write = (name: string, content: string): void => {
      mkdirSync(join(source, prefix, '20260101T000000Z'), { recursive: true });
      writeFileSync(join(source, prefix, '20260101T000000Z', name), content);
      spawnSync('chown', ['-R', 'postgres', source]);
    };
    const sum = createHash('sha256').update('sealed dump').digest('hex');
    write('database.tar.gpg', 'sealed dump');
    write(
      'backup.json',
      `{\n  "files": [\n    {"name": "database.tar.gpg", "bytes": 11, "sha256": "${sum}"}\n  ]\n}\n`,
    );
    const replicate = (): Outcome =>
      run(folder, 'replicate.sh', {
        ...server.environment(Remote.TARGET),
        RCLONE_CONFIG_STORE_TYPE: 'alias',
        RCLONE_CONFIG_STORE_REMOTE: source,
        STORE: 'store:',
        PREFIXES: `${prefix}=backup.json`,
        BATCH: '50',
        BATCH_BYTES: '1000000',
        WAL_SECONDS: '86400',
        RCLONE_RETRIES: '1',
        RCLONE_LOW_LEVEL_RETRIES: '1',
        RCLONE_BWLIMIT: '52428800B',
      });
    const once = replicate();
    succeed(once);
    expect(once.out).toContain('replicate: 1 folders committed');
    expect(stored()).toEqual(['20260101T000000Z/backup.json', '20260101T000000Z/database.tar.gpg']);
    const again = replicate();
    succeed(again);
    expect(again.out).toContain('replicate: 0 folders committed');
    write('database.tar.gpg', 'another sealed dump');
    expect(replicate()).toMatchObject({ code: 1, err: expect.stringContaining('it is not overwritten') });
    expect(readFileSync(join(server.bucket, prefix, '20260101T000000Z/database.tar.gpg'), 'utf8')).toBe('sealed dump');
  });
});
