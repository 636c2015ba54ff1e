import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DrillPlan } from '../../lib';
import { planRecovery } from '../../lib';
import { drillReport } from '../../lib/k8s';
import { PostgresServer } from './postgres-server';
import type { Behaviour } from './pushgateway';
import { FakePushgateway } from './pushgateway';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { workFolder } from './tools';

const root = workFolder();
const fixture = join(root, 'fixture');
const sealing = { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(root, 'passphrase') };
let folder = '';

const storeOf = (place: string): Record<string, string> => ({
  RCLONE_CONFIG_STORE_TYPE: 'alias',
  RCLONE_CONFIG_STORE_REMOTE: join(place, 'store'),
  RCLONE_RETRIES: '1',
  RCLONE_LOW_LEVEL_RETRIES: '1',
  STORE: 'store:backups',
});
const work = (...path: string[]): string => join(folder, 'work', ...path);

/** Makes the folder of a pod with all scripts. */
function prepare(place: string): void {
  for (const name of ['', 'scripts', 'work', 'store', 'store/backups', 'checks']) {
    mkdirSync(join(place, name), { recursive: true });
    spawnSync('chown', ['postgres', join(place, name)]);
  }
  for (const script of SCRIPTS) {
    copyFileSync(script, join(place, 'scripts', basename(script)));
  }
}

const step = (name: string, script: string, env: Record<string, string>): Outcome =>
  run(folder, 'drill-step.sh', { STEP: name, STEP_SCRIPT: script, DRILL_SECONDS: '300', ...env });
const fetch = (env: Record<string, string> = {}): Outcome =>
  step('fetch', 'fetch-random.sh', { ...storeOf(folder), PREFIXES: 'shop/daily', ...env });
const report = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'drill-report.sh', {
    ...storeOf(folder),
    KEY_PREFIX: 'reports/shop/restore-tests',
    DRILL: 'restore-test',
    DRILL_TITLE: 'Restore Test',
    ASSET: 'database shop',
    ASSUMED_PARTS: 'detect 2m',
    ASSUMED_SECONDS: '120',
    PLANNED_SECONDS: '800',
    RTO_SECONDS: '900',
    LIMIT_SECONDS: '900',
    ONLY_FAILURE: 'false',
    ...env,
  });

/** The whole pod: every step must end well, whatever it found; the report decides. */
function rehearse(env: Record<string, string> = {}): Outcome {
  for (const outcome of [
    fetch(),
    step('unseal', 'unseal.sh', { ...sealing, ...env }),
    step('verify', 'verify.sh', { CHECKS_DIR: join(folder, 'checks'), CORRUPTION_CHECK: 'true', VERIFY_JOBS: '2' }),
  ]) {
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
  }
  return report(env);
}

const reports = (): string[] => tree(join(folder, 'store/backups/reports/shop/restore-tests'));
const reportText = (suffix: string): string =>
  readFileSync(
    join(folder, 'store/backups/reports/shop/restore-tests', reports().find((name) => name.endsWith(suffix)) ?? ''),
    'utf8',
  );
const json = () => JSON.parse(reportText('.json'));
const runs = (): string[] => [
  ...new Set(tree(join(folder, 'store/backups/shop')).map((name) => name.split('/', 2).join('/'))),
];

beforeAll(() => {
  const server = new PostgresServer(root);
  writeFileSync(sealing.SEAL_PASSPHRASE_FILE, 'correct horse battery staple');
  server.create();
  server.sql(
    'shop',
    `CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users SELECT n, 'user' FROM generate_series(1, 300) n;
     CREATE TABLE "Odd ""name""" (v text); INSERT INTO "Odd ""name""" VALUES ('ä'), (NULL);
     CREATE TABLE parent (n int) PARTITION BY RANGE (n); CREATE TABLE child PARTITION OF parent FOR VALUES FROM (0) TO (9);
     INSERT INTO parent VALUES (1); CREATE SCHEMA "an other"; CREATE TABLE "an other".nothing (n int);`,
  );
  prepare(fixture);
  folder = fixture;
  for (const outcome of [
    run(fixture, 'dump.sh', server.environment),
    run(fixture, 'seal.sh', { ASSET: 'shop', TIER: 'daily', ...sealing }),
    run(fixture, 'ship.sh', { ...storeOf(fixture), KEY_PREFIX: 'shop/daily' }),
  ]) {
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
  }
  server.stop();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  folder = workFolder();
  prepare(folder);
  cpSync(join(fixture, 'store'), join(folder, 'store'), { recursive: true });
  spawnSync('chown', ['-R', 'postgres', join(folder, 'store')]);
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('a restore test', () => {
  it('that succeeds stores a report with the lines of the specification, times, checks and every table', () => {
    writeFileSync(
      join(folder, 'checks/01-rows-users.sql'),
      'SELECT count(*) = 300, count(*) || \' "rows"\' FROM users;',
    );
    const outcome = rehearse();
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    const [first = '', second = ''] = reports();
    expect(first).toMatch(/^restore-test-\d{8}-\d{6}\.json$/);
    expect(second).toBe(first.replace('.json', '.txt'));
    const text = reportText('.txt');
    expect(text).toMatch(/^Restore Test: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\nStatus: PASSED\nAsset: database shop\n/);
    expect(text).toMatch(/^Restore: \d+ s \(fetch \d+ s, unseal \d+ s, verify \d+ s\)$/m);
    expect(text).toMatch(/^RTO: 900 s, met$/m);
    expect(text).toContain('passed: rows-users: 300 "rows"\n');
    expect(text).toMatch(/^Table: public\.users: 300 rows, \d+ bytes$/m);
    const { parts, restoreSeconds, tables, ...rest } = json();
    expect(parts.map(({ name }: { name: string }) => name)).toEqual(['fetch', 'unseal', 'verify']);
    expect(restoreSeconds).toBe(parts.reduce((sum: number, { seconds }: { seconds: number }) => sum + seconds, 0));
    expect(tables.map(({ name, rows }: { name: string; rows: number }) => [name, rows])).toEqual([
      ['public.users', 300],
      ['public."Odd ""name"""', 2],
      ['public.child', 1],
      ['"an other".nothing', 0],
    ]);
    expect(rest).toMatchObject({
      version: 1,
      drill: 'restore-test',
      asset: 'database shop',
      status: 'passed',
      source: runs()[0] === undefined ? '' : `shop/${runs()[0]}`,
      assumedSeconds: 120,
      plannedSeconds: 800,
      rtoSeconds: 900,
      rto: 'met',
      checks: [
        { result: 'passed', name: 'corruption', found: 'pg_amcheck found nothing' },
        { result: 'passed', name: 'rows-users', found: '300 "rows"' },
      ],
    });
    expect(Date.parse(rest.finishedAt) - Date.parse(rest.startedAt)).toBeLessThan(120_000);
    expect([...tree(work('restored')), ...tree(work('pgdata'))]).toEqual([]);
  });

  it('that takes longer than it may fails after it has stored a report that says so', () => {
    const outcome = rehearse({ RTO_SECONDS: '100', LIMIT_SECONDS: '119' });
    expect(outcome).toMatchObject({
      code: 1,
      err: expect.stringMatching(/error: a recovery takes \d+ s; at most 119 s are allowed/),
    });
    expect(reportText('.txt')).toMatch(/Status: FAILED\nFailure: a recovery takes \d+ s/);
    expect(json()).toMatchObject({ status: 'failed', rto: 'not met' });
  });

  it('beyond the RTO but within what is planned passes, and the report says that the RTO is not met', () => {
    expect(rehearse({ RTO_SECONDS: '100' }).code).toBe(0);
    expect(json()).toMatchObject({ status: 'passed', rto: 'not met' });
  });

  it('with a wrong key restores nothing, skips what follows, and reports it', () => {
    writeFileSync(join(folder, 'wrong'), 'something else');
    const outcome = rehearse({ SEAL_PASSPHRASE_FILE: join(folder, 'wrong') });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('error: unseal: ') });
    expect(json()).toMatchObject({
      status: 'failed',
      failure: expect.stringMatching(/^unseal: .*cannot be opened: wrong key or damaged$/),
      rto: 'unknown',
      parts: [{ name: 'fetch' }, { name: 'unseal' }],
      checks: [],
      tables: [],
    });
    expect(tree(work('restored'))).toEqual([]);
  });

  it('of a damaged dump, or of none, reports what is wrong', () => {
    writeFileSync(join(folder, 'store/backups/shop', runs()[0] ?? '', 'database.tar.gpg'), 'rubbish');
    expect(rehearse().code).toBe(1);
    expect(json().failure).toMatch(/^unseal: database\.tar\.gpg has 7 bytes, its marker says \d+$/);
    rmSync(join(folder, 'store/backups/reports'), { recursive: true });
    rmSync(work('drill'), { recursive: true });
    rmSync(join(folder, 'store/backups/shop'), { recursive: true });
    expect(rehearse().code).toBe(1);
    expect(json().failure).toContain('fetch: shop/daily: no committed backup');
  });

  it('whose data is not what it should be reports every check', () => {
    writeFileSync(join(folder, 'checks/01-rows.sql'), "SELECT count(*) > 1000, count(*) || ' rows' FROM users");
    writeFileSync(join(folder, 'checks/02-good.sql'), "SELECT true, 'fine'");
    expect(rehearse()).toMatchObject({ code: 1, err: expect.stringContaining('verification failed: rows: 300 rows') });
    expect(json()).toMatchObject({ status: 'failed', rto: 'unknown' });
    expect(json().checks.map(({ name, result }: { name: string; result: string }) => `${result} ${name}`)).toEqual([
      'passed corruption',
      'failed rows',
      'passed good',
    ]);
  });

  it('that has no time left is given up, and still reports', () => {
    expect(fetch().code).toBe(0);
    writeFileSync(work('drill/begin'), `${Math.floor(Date.now() / 1000) - 298}\n`);
    const slow = join(folder, 'scripts/slow.sh');
    writeFileSync(slow, 'exec sleep 30\n');
    expect(step('verify', 'slow.sh', {}).code).toBe(0);
    expect(report().code).toBe(1);
    expect(json().failure).toBe('verify: given up, since the drill took longer than 300 s');
  });

  it('whose report cannot be stored fails and says so', () => {
    fetch();
    rmSync(join(folder, 'store'), { recursive: true });
    writeFileSync(join(folder, 'store'), '');
    expect(report()).toMatchObject({ code: 1, err: expect.stringContaining('error: upload of restore-test-') });
  });
});

describe('a restore test tells the Pushgateway', () => {
  let gateway: FakePushgateway;
  afterEach(() => gateway.stop());

  const drill = planRecovery(nextgen).drills.restoreTests[0] as DrillPlan;
  const pushed = Object.fromEntries(
    drillReport(planRecovery(nextgen), drill).map(({ name, value = '' }) => [name, value]),
  );
  const group = new URL(pushed.PUSH_URL ?? '').pathname;
  const listen = async (behaviour?: Behaviour): Promise<Record<string, string>> => {
    gateway = await FakePushgateway.start(folder, behaviour);
    return { ...pushed, PUSH_URL: `${gateway.url}${group}` };
  };
  const heard = async (): Promise<Record<string, string>> => {
    const [metrics = {}] = Object.values(await gateway.groups());
    return Object.fromEntries(
      Object.entries(metrics).map(([name, { value }]) => [name.replace('backup_drill_', ''), value]),
    );
  };
  const isNow = (seconds?: string): void => expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60);

  it('that it succeeded and when, what it measured, and the RTO', async () => {
    const outcome = rehearse(await listen());
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    const { last_run_timestamp_seconds, last_success_timestamp_seconds, ...rest } = await heard();
    isNow(last_run_timestamp_seconds);
    expect(last_success_timestamp_seconds).toBe(last_run_timestamp_seconds);
    const { restoreSeconds } = json();
    expect(rest).toEqual({
      success: '1',
      restore_seconds: String(restoreSeconds),
      recovery_seconds: String(restoreSeconds + 120),
      rto_seconds: '900',
    });
    expect(outcome.out).toMatch(/report: store:backups\/.*\npush: reported to /);
  });

  it('that it succeeded, too slow, though the drill fails', async () => {
    expect(rehearse({ ...(await listen()), RTO_SECONDS: '100', LIMIT_SECONDS: '119' }).code).toBe(1);
    expect(await heard()).toMatchObject({ success: '1', recovery_seconds: String(json().restoreSeconds + 120) });
  });

  it('that it failed, and nothing of how long it took; what was measured before stays', async () => {
    const env = await listen();
    expect(rehearse(env).code).toBe(0);
    const before = await heard();
    for (const name of ['drill', 'run', 'backup', 'restored']) {
      rmSync(work(name), { recursive: true, force: true });
    }
    await setTimeout(1100);
    writeFileSync(join(folder, 'wrong'), 'something else');
    expect(rehearse({ ...env, SEAL_PASSPHRASE_FILE: join(folder, 'wrong') }).code).toBe(1);
    const { last_run_timestamp_seconds, success, ...rest } = await heard();
    expect(success).toBe('0');
    expect(Number(last_run_timestamp_seconds)).toBeGreaterThan(Number(before.last_run_timestamp_seconds));
    expect(before).toMatchObject(rest);
    expect(Object.keys(rest)).toHaveLength(4);
  });

  it.each<Behaviour>(['refuse', 'hang'])(
    'and neither fails nor passes because it does not listen: %s',
    async (behaviour) => {
      const env = await listen(behaviour);
      const good = rehearse(env);
      expect(good, good.err).toMatchObject({ code: 0 });
      expect(good.out).toContain('did not take the report; the run is what it is all the same');
      writeFileSync(join(folder, 'checks/01-rows.sql'), "SELECT false, 'too few'");
      rmSync(work('drill'), { recursive: true });
      expect(rehearse(env)).toMatchObject({ code: 1, err: expect.stringContaining('error: verify: ') });
    },
  );

  it('nothing when its report could not be stored', async () => {
    const env = await listen();
    fetch();
    rmSync(join(folder, 'store'), { recursive: true });
    writeFileSync(join(folder, 'store'), '');
    expect(report(env).code).toBe(1);
    expect(await gateway.groups()).toEqual({});
  });

  it('nothing where the site has no monitoring', async () => {
    await listen();
    expect(rehearse().out).not.toContain('push:');
  });
});

describe('a random choice', () => {
  it('finds every committed run of every tier in time, and none that is not committed', () => {
    const [only = ''] = runs();
    const source = join(folder, 'store/backups/shop', only);
    for (const name of ['daily/20260101T000000Z', 'daily/20260102T000000Z', 'hourly/20260103T000000Z']) {
      cpSync(source, join(folder, 'store/backups/shop', name), { recursive: true });
    }
    const litter = join(folder, 'store/backups/shop/hourly/20260104T000000Z');
    cpSync(source, litter, { recursive: true });
    rmSync(join(litter, 'backup.json'));
    const committed = [
      'shop/daily/20260101T000000Z',
      'shop/daily/20260102T000000Z',
      `shop/${only}`,
      'shop/hourly/20260103T000000Z',
    ];
    const chosen = new Set<string>();
    const env = { ...storeOf(folder), PREFIXES: 'shop/daily shop/weekly shop/hourly' };
    // Each attempt misses a given run with at most 5 chances in 6: all of 100 do so once in 80 million times.
    for (let attempt = 0; attempt < 100 && chosen.size < committed.length; attempt += 1) {
      expect(run(folder, 'fetch-random.sh', env).code).toBe(0);
      chosen.add(readFileSync(work('run/source'), 'utf8').trim());
    }
    expect([...chosen].sort()).toEqual(committed);
  }, 600_000);
});
