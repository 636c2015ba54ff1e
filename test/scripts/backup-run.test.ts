import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresServer } from './postgres-server';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { tool, workFolder } from './tools';

const PASSPHRASE = 'correct horse battery staple';
const root = workFolder();
const server = new PostgresServer(root);
let folder = '';

const seal = { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(root, 'passphrase') };

function dump(env: Record<string, string> = {}): Outcome {
  return run(folder, 'dump.sh', { ...server.environment, ...env });
}

function store(): Record<string, string> {
  return {
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
    STORE: 'store:backups',
  };
}

const sealRun = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'seal.sh', { ASSET: 'shop', TIER: 'daily', ...seal, ...env });
const ship = (): Outcome => run(folder, 'ship.sh', { ...store(), KEY_PREFIX: 'shop/daily' });
const fetchLatest = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'fetch-latest.sh', {
    ...store(),
    TIERS: 'shop/daily=3600',
    ...env,
  });
const unseal = (env: Record<string, string> = {}): Outcome => run(folder, 'unseal.sh', { ...seal, ...env });
const verify = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'verify.sh', { CHECKS_DIR: join(folder, 'checks'), CORRUPTION_CHECK: 'true', VERIFY_JOBS: '2', ...env });

function succeed(...outcomes: Outcome[]): void {
  for (const outcome of outcomes) {
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
  }
}

/** Stores a committed backup and returns its folder in the store. */
function backup(): string {
  succeed(dump(), sealRun(), ship());
  return join(folder, 'store/backups/shop/daily', readFileSync(join(folder, 'work/run/id'), 'utf8').trim());
}

function check(name: string, statement: string): void {
  writeFileSync(join(folder, 'checks', name), statement);
}

beforeAll(() => {
  writeFileSync(seal.SEAL_PASSPHRASE_FILE, PASSPHRASE);
  writeFileSync(join(root, 'blank'), '\nsecond line\n');
  server.create();
  server.sql(
    'shop',
    `CREATE TABLE users (id int PRIMARY KEY, name text);
     INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 1000) n;
     CREATE TABLE "odd ""name"" café" (v text, created_at timestamptz DEFAULT now());
     INSERT INTO "odd ""name"" café" VALUES ('ä'), (NULL), ('a' || chr(9) || 'b');
     CREATE ROLE tenant;
     ALTER TABLE users ENABLE ROW LEVEL SECURITY;
     CREATE POLICY own_rows ON users TO tenant USING (name = current_user);`,
  );
}, 60_000);

afterAll(() => {
  server.stop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  folder = workFolder();
  mkdirSync(join(folder, 'scripts'));
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  for (const name of ['work', 'store', 'store/backups', 'checks']) {
    mkdirSync(join(folder, name));
    spawnSync('chown', ['postgres', join(folder, name)]);
  }
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('a backup run', () => {
  it('stores exactly the sealed dump, the roles and the marker, and nothing in clear', () => {
    const stored = backup();
    expect(tree(stored)).toEqual(['backup.json', 'database.tar.gpg', 'globals.sql.gpg']);
    expect(readFileSync(join(stored, 'database.tar.gpg')).includes('user 1')).toBe(false);
    expect(tree(join(folder, 'work/capture'))).toEqual([]);
  });

  it('writes a marker that names asset, tier, run, tools, sealing and every file with size and checksum', () => {
    const marker = JSON.parse(readFileSync(join(backup(), 'backup.json'), 'utf8'));
    expect(marker).toMatchObject({
      version: 1,
      asset: 'shop',
      tier: 'daily',
      encryption: { method: 'passphrase', cipher: 'AES256' },
    });
    expect(marker.runId).toMatch(/^\d{8}T\d{6}Z$/);
    expect(Date.parse(marker.finishedAt)).toBeGreaterThanOrEqual(Date.parse(marker.startedAt));
    expect(marker.tools.pg_dump).toMatch(/^\d+\.\d+/);
    expect(marker.files.map((file: { name: string }) => file.name)).toEqual(['database.tar.gpg', 'globals.sql.gpg']);
  });

  it.each([
    ['directory format, sealed with a passphrase', {}, seal],
    ['one file, sealed with a passphrase', { DUMP_JOBS: '1' }, seal],
    ['directory format, not sealed', {}, { SEAL_METHOD: 'none' }],
    ['one file, not sealed', { DUMP_JOBS: '1' }, { SEAL_METHOD: 'none' }],
  ])('is restored in full and reported as passed: %s', (_, dumpEnv, sealEnv) => {
    check('01-rows-users.sql', 'SELECT count(*) = 1000, count(*)::text FROM users;');
    check('02-odd.sql', `SELECT count(*) = 3 AND count(v) = 2, count(*)::text FROM "odd ""name"" café"`);
    check(
      '03-fresh.sql',
      `SELECT max(created_at) <= :'captured_at'::timestamptz + interval '1 s', max(created_at)::text FROM "odd ""name"" café"`,
    );
    succeed(dump(dumpEnv), sealRun(sealEnv), ship(), fetchLatest(), unseal(sealEnv), verify());
    const report = JSON.parse(readFileSync(join(folder, 'work/report/report.json'), 'utf8'));
    expect(report).toMatchObject({ status: 'passed', source: expect.stringMatching(/^shop\/daily\/\d{8}T\d{6}Z$/) });
    expect(report.checks[1]).toEqual({ name: 'rows-users', result: 'passed', found: '1000' });
    expect(report.checks.map(({ name, result }: { name: string; result: string }) => `${name} ${result}`)).toEqual([
      'corruption passed',
      'rows-users passed',
      'odd passed',
      'fresh passed',
    ]);
    succeed(run(folder, 'ship-report.sh', { ...store(), KEY_PREFIX: 'reports/shop/verification' }));
    expect(tree(join(folder, 'store/backups/reports/shop/verification')).map((path) => basename(path))).toEqual([
      'report.json',
      'report.txt',
    ]);
  });

  it('is sealed to a public key and opened with the private one only', () => {
    const home = join(root, 'keys');
    mkdirSync(home, { mode: 0o700 });
    spawnSync('chown', ['postgres', home]);
    const gpg = [
      tool('gpg'),
      '--homedir',
      home,
      '--batch',
      '--quiet',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
    ];
    server.sh([...gpg, '--quick-generate-key', 'backup@example.test', 'default', 'default', 'never']);
    writeFileSync(join(root, 'public.asc'), server.sh([...gpg, '--armor', '--export']));
    writeFileSync(join(root, 'private.asc'), server.sh([...gpg, '--armor', '--export-secret-keys']));
    const recipient = { SEAL_METHOD: 'recipient', SEAL_PUBLIC_KEY_FILE: join(root, 'public.asc') };
    succeed(dump(), sealRun(recipient), ship(), fetchLatest());
    const wrong = unseal({ SEAL_METHOD: 'recipient', SEAL_PRIVATE_KEY_FILE: join(root, 'public.asc') });
    expect(wrong.code).not.toBe(0);
    expect(tree(join(folder, 'work/restored'))).toEqual([]);
    succeed(
      fetchLatest(),
      unseal({ SEAL_METHOD: 'recipient', SEAL_PRIVATE_KEY_FILE: join(root, 'private.asc') }),
      verify(),
    );
  });

  it('of an empty database is a good backup', () => {
    server.sql('postgres', 'CREATE DATABASE empty');
    succeed(dump({ PGDATABASE: 'empty' }), sealRun(), ship(), fetchLatest(), unseal(), verify());
  });

  it('can be shipped again after it was stored, but never overwrites another run', () => {
    const stored = backup();
    succeed(ship());
    const before = readFileSync(join(stored, 'database.tar.gpg'));
    writeFileSync(join(folder, 'work/outbox/database.tar.gpg'), 'other bytes');
    expect(ship().code).not.toBe(0);
    expect(readFileSync(join(stored, 'database.tar.gpg')).equals(before)).toBe(true);
  });
});

describe('a run that fails', () => {
  it.each([
    ['the database does not exist', { PGDATABASE: 'nowhere' }, 'pg_dump of nowhere'],
    ['the role does not exist', { PGUSER: 'stranger' }, 'pg_dump of shop'],
    ['no server answers', { PGHOST: '/nonexistent' }, 'no PostgreSQL answers'],
    ['the compression is unknown', { DUMP_COMPRESSION: 'brotli:9' }, 'pg_dump of shop'],
  ])('commits nothing when %s', (_, env, message) => {
    const outcome = dump(env);
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain(`error: ${message}`);
    expect(tree(join(folder, 'work/outbox'))).toEqual([]);
    expect(tree(join(folder, 'work/capture'))).toEqual([]);
  });

  it('commits nothing when the server dies in mid-dump, and the next run is good', async () => {
    server.sql('shop', 'CREATE TABLE big AS SELECT n, repeat(md5(n::text), 20) AS v FROM generate_series(1, 200000) n');
    const killer = spawn('sh', ['-c', `sleep 0.3; kill -9 $(head -n 1 ${server.data}/postmaster.pid)`]);
    const outcome = dump();
    expect(outcome.code).not.toBe(0);
    await new Promise((resolve) => (killer.exitCode === null ? killer.once('exit', resolve) : resolve(0)));
    await server.restart();
    expect(existsSync(join(folder, 'work/marker/backup.json'))).toBe(false);
    backup();
    server.sql('shop', 'DROP TABLE big');
  });

  it.each([
    ['the passphrase is empty', { SEAL_PASSPHRASE_FILE: '/dev/null' }, 'is empty or missing'],
    ['the passphrase is an empty line', { SEAL_PASSPHRASE_FILE: join(root, 'blank') }, 'is empty or missing'],
    ['the passphrase is missing', { SEAL_PASSPHRASE_FILE: '/nonexistent' }, 'is empty or missing'],
    ['the method is unknown', { SEAL_METHOD: 'rot13' }, 'allowed: passphrase, recipient, none'],
  ])('writes no marker and leaves nothing in clear when %s', (_, env, message) => {
    succeed(dump());
    const outcome = sealRun(env);
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain(message);
    expect(existsSync(join(folder, 'work/marker/backup.json'))).toBe(false);
    expect(tree(join(folder, 'work/capture'))).toEqual([]);
  });

  it('writes no marker when gpg fails in the middle of packing', () => {
    succeed(dump());
    const outcome = sealRun({ SEAL_METHOD: 'recipient', SEAL_PUBLIC_KEY_FILE: '/etc/hostname' });
    expect(outcome.code).not.toBe(0);
    expect(existsSync(join(folder, 'work/marker/backup.json'))).toBe(false);
  });

  it('stores no marker when the upload fails', () => {
    succeed(dump(), sealRun());
    const outcome = run(folder, 'ship.sh', {
      ...store(),
      RCLONE_CONFIG_STORE_TYPE: 's3',
      RCLONE_CONFIG_STORE_PROVIDER: 'Other',
      RCLONE_CONFIG_STORE_ENDPOINT: 'http://127.0.0.1:9',
      RCLONE_RETRIES: '1',
      RCLONE_LOW_LEVEL_RETRIES: '1',
      KEY_PREFIX: 'shop/daily',
    });
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain('error: upload to store:backups/shop/daily');
    expect(tree(join(folder, 'store'))).toEqual([]);
  });
});

describe('verification fails', () => {
  it('when no backup was ever committed', () => {
    mkdirSync(join(folder, 'store/backups/shop/daily/20260101T000000Z'), { recursive: true });
    writeFileSync(join(folder, 'store/backups/shop/daily/20260101T000000Z/database.tar.gpg'), 'x');
    expect(fetchLatest()).toMatchObject({ code: 1, err: expect.stringContaining('no committed backup') });
  });

  it('when the newest backup is stale, naming it', () => {
    const stored = backup();
    cpSync(stored, join(stored, '../20260101T000000Z'), { recursive: true });
    rmSync(stored, { recursive: true });
    const outcome = fetchLatest();
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('shop/daily/20260101T000000Z, is stale') });
  });

  it('when one tier has no committed backup at all, although another has a fresh one', () => {
    backup();
    const outcome = fetchLatest({ TIERS: 'shop/daily=3600 shop/hourly=600' });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('shop/hourly has no committed backup') });
  });

  it('when the backup lacks the roles, and says so', () => {
    backup();
    succeed(fetchLatest(), unseal());
    rmSync(join(folder, 'work/restored/globals.sql'));
    expect(verify()).toMatchObject({ code: 1, err: expect.stringContaining('error: the roles cannot be restored') });
  });

  it('when one tier is stale, although another has a fresh backup', () => {
    const fresh = backup();
    cpSync(fresh, join(folder, 'store/backups/shop/hourly/20260101T000000Z'), { recursive: true });
    const outcome = fetchLatest({ TIERS: 'shop/daily=3600 shop/hourly=600' });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('shop/hourly/20260101T000000Z, is stale') });
  });

  it('when an object that the marker lists is missing', () => {
    rmSync(join(backup(), 'globals.sql.gpg'));
    expect(fetchLatest()).toMatchObject({ code: 1, err: expect.stringContaining('lacks globals.sql.gpg') });
  });

  const damages: [string, (path: string) => void, string][] = [
    ['is truncated', (path) => writeFileSync(path, readFileSync(path).subarray(0, -100)), 'bytes, its marker says'],
    [
      'has one flipped byte',
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
      'checksum does not match',
    ],
  ];
  it.each(damages)('when an object %s', (_, damage, message) => {
    damage(join(backup(), 'database.tar.gpg'));
    succeed(fetchLatest());
    const outcome = unseal();
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain(message);
    expect(tree(join(folder, 'work/restored'))).toEqual([]);
  });

  it('when the store holds an object that the marker does not list', () => {
    writeFileSync(join(backup(), 'surprise.gpg'), 'x');
    succeed(fetchLatest());
    expect(unseal()).toMatchObject({ code: 1, err: expect.stringContaining('surprise.gpg is not part of the backup') });
  });

  it('when the marker is cut off', () => {
    const marker = join(backup(), 'backup.json');
    writeFileSync(marker, readFileSync(marker, 'utf8').trimEnd().slice(0, -1));
    succeed(fetchLatest());
    expect(unseal()).toMatchObject({ code: 1, err: expect.stringContaining('the marker is cut off') });
  });

  it('when the passphrase is wrong, and leaves no plaintext', () => {
    backup();
    succeed(fetchLatest());
    writeFileSync(join(folder, 'wrong'), 'something else');
    const outcome = unseal({ SEAL_PASSPHRASE_FILE: join(folder, 'wrong') });
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain('cannot be opened');
    expect(tree(join(folder, 'work/restored'))).toEqual([]);
  });

  it.each([
    ['is not met', "SELECT count(*) > 5000, count(*)::text || ' rows' FROM users", '1000 rows'],
    ['is null', 'SELECT NULL::boolean, NULL', ''],
    ['is an SQL error', 'SELECT count(*) > 0 FROM missing_table', 'relation "missing_table" does not exist'],
    ['returns no row', 'SELECT true WHERE false', 'must return exactly one row'],
    ['returns two rows', 'SELECT true FROM users LIMIT 2', 'must return exactly one row'],
  ])('when a validation check %s, and still runs the others', (_, statement, message) => {
    check('01-broken.sql', statement);
    check('02-good.sql', 'SELECT true');
    backup();
    succeed(fetchLatest(), unseal());
    const outcome = verify();
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain('error: verification failed: broken');
    // What was found stands alone, without the answer that said no; psql puts the file's name before its errors.
    expect(outcome.out).toMatch(new RegExp(`^failed: broken: (psql:.*ERROR: +)?${message}`, 'm'));
    expect(outcome.out).toContain('passed: good');
    expect(existsSync(join(folder, 'work/pgdata'))).toBe(false);
    expect(tree(join(folder, 'work/restored'))).toEqual([]);
  });
});

describe('a restore', () => {
  const connection = {
    PGPORT: '5432',
    PGUSER: 'owner',
    PGPASSWORD: 'secret',
    PGSSLMODE: 'disable',
    PGSSLROOTCERT: '/dev/null',
    PGCONNECT_TIMEOUT: '5',
    RESTORE_JOBS: '2',
  };
  const fetchRun = (env: Record<string, string> = {}): Outcome =>
    run(folder, 'fetch-run.sh', { ...store(), PREFIXES: 'shop/daily shop/hourly', NOT_AFTER: '', ...env });
  const restore = (database: string): Outcome =>
    run(folder, 'restore.sh', { ...connection, PGHOST: server.socket, PGDATABASE: database });

  /** Makes a copy of a stored run under another time. */
  function copyRun(stored: string, tier: string, id: string): void {
    cpSync(stored, join(folder, 'store/backups/shop', tier, id), { recursive: true });
  }

  it('loads a dump into an empty database, with the owner owning all of it, and leaves nothing in clear', () => {
    server.sql('postgres', 'CREATE ROLE owner LOGIN; CREATE DATABASE target OWNER owner TEMPLATE template0');
    backup();
    succeed(fetchRun(), unseal(), restore('target'));
    expect(server.sql('target', 'SELECT count(*) FROM users')).toBe('1000\n');
    expect(server.sql('target', "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")).toBe(
      'owner\n',
    );
    expect(tree(join(folder, 'work/restored'))).toEqual([]);
  });

  it('refuses a database that holds something already, and changes nothing in it', () => {
    server.sql('postgres', 'CREATE DATABASE taken OWNER owner TEMPLATE template0');
    server.sql('taken', 'CREATE TABLE mine (v int)');
    backup();
    succeed(fetchRun(), unseal());
    expect(restore('taken')).toMatchObject({ code: 1, err: expect.stringContaining('restore into an empty database') });
    expect(server.sql('taken', "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'")).toBe(
      'mine\n',
    );
  });

  it('takes the newest committed run of all tiers, or the newest that is not later than a time', () => {
    const stored = backup();
    copyRun(stored, 'daily', '20260101T000000Z');
    copyRun(stored, 'hourly', '20260101T050000Z');
    copyRun(stored, 'hourly', '20260101T060000Z');
    rmSync(join(folder, 'store/backups/shop/hourly/20260101T060000Z/backup.json'));
    const source = (): string => readFileSync(join(folder, 'work/run/source'), 'utf8').trim();
    succeed(fetchRun());
    expect(source()).toBe(`shop/daily/${basename(stored)}`);
    succeed(fetchRun({ NOT_AFTER: '20260101T080000Z' }));
    expect(source()).toBe('shop/hourly/20260101T050000Z');
    succeed(fetchRun({ NOT_AFTER: '20260101T040000Z' }));
    expect(source()).toBe('shop/daily/20260101T000000Z');
    expect(fetchRun({ NOT_AFTER: '20250101T000000Z' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('no committed run of shop/daily shop/hourly was captured by 20250101T000000Z'),
    });
  });

  it('refuses a time that is not written as one', () => {
    expect(fetchRun({ NOT_AFTER: '2026-01-01' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('NOT_AFTER is 2026-01-01; it must look like 20240115T143000Z'),
    });
  });
});
