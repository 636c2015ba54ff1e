import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUN_METRICS } from '../../lib';
import type { Behaviour } from './pushgateway';
import { FakePushgateway, reportOf } from './pushgateway';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { workFolder } from './tools';

const gateways: FakePushgateway[] = [];
let folder = '';

async function gateway(behaviour: Behaviour = 'accept'): Promise<FakePushgateway> {
  const started = await FakePushgateway.start(folder, behaviour);
  gateways.push(started);
  return started;
}

/** A sealed run that began so many seconds ago. */
function sealed(age: number): void {
  const started = new Date(Date.now() - age * 1000).toISOString().replace(/\.\d+/, '');
  mkdirSync(join(folder, 'work/run'), { recursive: true });
  mkdirSync(join(folder, 'work/marker'), { recursive: true });
  mkdirSync(join(folder, 'work/outbox'), { recursive: true });
  writeFileSync(join(folder, 'work/run/id'), `${started.replace(/[-:]/g, '')}\n`);
  writeFileSync(join(folder, 'work/run/started'), `${started}\n`);
  writeFileSync(join(folder, 'work/outbox/a.gpg'), 'sealed');
  writeFileSync(
    join(folder, 'work/marker/backup.json'),
    '{\n  "files": [\n    {"name": "a.gpg", "bytes": 3000000000, "sha256": "0a"},\n    {"name": "b.gpg", "bytes": 4, "sha256": "0b"}\n  ]\n}\n',
  );
  spawnSync('chown', ['-R', 'postgres', folder]);
}

function ship(url: string, env: Record<string, string> = {}, job = 'postgres-backup-hourly'): Outcome {
  const { path, text } = reportOf(job);
  return run(folder, 'ship.sh', {
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
    STORE: 'store:backups',
    KEY_PREFIX: 'shop/daily',
    PUSH_URL: `${url}${path}`,
    PUSH_REPORT: text,
    ...env,
  });
}

const committed = (): string[] => tree(join(folder, 'store')).filter((name) => name.endsWith('backup.json'));
const leftOver = (): string[] => readdirSync(join(folder, 'work')).filter((name) => name.startsWith('push.'));

beforeEach(() => {
  folder = workFolder();
  mkdirSync(join(folder, 'scripts'));
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  sealed(90);
});

afterEach(() => {
  for (const started of gateways.splice(0)) {
    started.stop();
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('a run that has committed', () => {
  it('reports when, how long, how large and how often, under its labels', async () => {
    const target = await gateway();
    const outcome = ship(target.url);
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
    expect(outcome.out).toContain(`push: reported to ${target.url}/metrics/job/cdk8s-dr/site/nextgen/`);
    const groups = await target.groups();
    expect(Object.keys(groups)).toEqual([
      'job/cdk8s-dr/site/nextgen/namespace/production/asset_kind/database/asset/nextgen-postgres/tier/hourly',
    ]);
    const [metrics = {}] = Object.values(groups);
    expect(Object.keys(metrics)).toEqual([
      'backup_last_success_timestamp_seconds',
      'backup_duration_seconds',
      'backup_size_bytes',
      'backup_expected_interval_seconds',
    ]);
    for (const { name, help } of [
      RUN_METRICS.lastSuccess,
      RUN_METRICS.duration,
      RUN_METRICS.size,
      RUN_METRICS.expectedInterval,
    ]) {
      expect(metrics[name]).toMatchObject({ type: 'gauge', help });
    }
    expect(Math.abs(Number(metrics.backup_last_success_timestamp_seconds?.value) - Date.now() / 1000)).toBeLessThan(20);
    expect(Number(metrics.backup_duration_seconds?.value)).toBeGreaterThanOrEqual(90);
    expect(Number(metrics.backup_duration_seconds?.value)).toBeLessThan(120);
    // More than a signed 32-bit number holds.
    expect(metrics.backup_size_bytes?.value).toBe('3000000004');
    expect(metrics.backup_expected_interval_seconds?.value).toBe('3600');
    expect(leftOver()).toEqual([]);
  });

  it('leaves the reports of other tiers and assets as they are', async () => {
    const target = await gateway();
    ship(target.url);
    const before = Object.values(await target.groups())[0];
    ship(target.url, {}, 'postgres-backup');
    ship(target.url, {}, 'config-backup');
    const groups = await target.groups();
    expect(Object.keys(groups)).toHaveLength(3);
    expect(Object.values(groups)[0]).toEqual(before);
  });

  it('replaces its own report of the run before', async () => {
    const target = await gateway();
    ship(target.url);
    sealed(300);
    ship(target.url);
    const [metrics = {}] = Object.values(await target.groups());
    expect(Number(metrics.backup_duration_seconds?.value)).toBeGreaterThanOrEqual(300);
  });

  it('reports nothing without a URL', () => {
    const outcome = ship('', { PUSH_URL: '' });
    expect(outcome.code).toBe(0);
    expect(outcome.out).not.toContain('push:');
  });
});

describe('a report that gets lost', () => {
  it('because the gateway refuses it fails no run', async () => {
    const outcome = ship((await gateway('refuse')).url);
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain('did not take the report; the run is what it is all the same');
    expect(committed()).toHaveLength(1);
    expect(leftOver()).toEqual([]);
  });

  it('because the report cannot be read fails no run', async () => {
    const target = await gateway();
    const outcome = ship(target.url, { PUSH_REPORT: 'backup_size_bytes many' });
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain('did not take the report');
    expect(await target.groups()).toEqual({});
  });

  it('because another type or help was pushed before fails no run', async () => {
    const target = await gateway();
    ship(target.url);
    const changed = reportOf('postgres-backup').text.replace(RUN_METRICS.size.help, 'Something else.');
    expect(ship(target.url, { PUSH_REPORT: changed }, 'postgres-backup').out).toContain('did not take the report');
    expect(Object.keys(await target.groups())).toHaveLength(1);
  });

  it('because nobody listens fails no run', () => {
    const outcome = ship('http://127.0.0.1:9');
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain('did not take the report');
    expect(committed()).toHaveLength(1);
  });

  it('because the gateway hangs fails no run, and does not hold it up for long', async () => {
    const { url } = await gateway('hang');
    const begin = Date.now();
    const outcome = ship(url);
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain('did not take the report');
    expect(Date.now() - begin).toBeLessThan(30_000);
    expect(committed()).toHaveLength(1);
  });

  it('because it cannot be written fails no run', () => {
    writeFileSync(join(folder, 'work/run/started'), 'yesterday\n');
    const outcome = ship('http://127.0.0.1:9');
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain('push: the report could not be written');
    expect(committed()).toHaveLength(1);
  });
});

describe('a run that has not committed', () => {
  it('reports nothing', async () => {
    const target = await gateway();
    rmSync(join(folder, 'work/marker/backup.json'));
    expect(ship(target.url).code).not.toBe(0);
    expect(await target.groups()).toEqual({});
  });

  it('of volumes reports nothing when one claim has no snapshot, although the others are committed', async () => {
    const target = await gateway();
    const { path, text } = reportOf('pv-snapshot-scheduler');
    const env = { PUSH_URL: `${target.url}${path}`, PUSH_REPORT: text };
    writeFileSync(join(folder, 'work/run/failures'), 'redis-data-pvc: not ready\n');
    expect(run(folder, 'conclude.sh', env).code).toBe(1);
    expect(await target.groups()).toEqual({});
    writeFileSync(join(folder, 'work/run/failures'), '');
    expect(run(folder, 'conclude.sh', env)).toMatchObject({ code: 0 });
    const groups = await target.groups();
    expect(Object.keys(groups)).toEqual([path.slice('/metrics/'.length)]);
    expect(Object.values(groups)[0]?.backup_size_bytes?.value).toBe('3000000004');
  });
});

describe('a verification', () => {
  it('reports when it succeeded and how long it took, once its report is stored', async () => {
    const target = await gateway();
    const { path, text } = reportOf('postgres-backup-verify');
    const env = {
      RCLONE_CONFIG_STORE_TYPE: 'alias',
      RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
      STORE: 'store:backups',
      KEY_PREFIX: 'reports/shop',
      PUSH_URL: `${target.url}${path}`,
      PUSH_REPORT: text,
    };
    rmSync(join(folder, 'work/marker'), { recursive: true });
    expect(run(folder, 'ship-report.sh', env).code).not.toBe(0);
    expect(await target.groups()).toEqual({});
    mkdirSync(join(folder, 'work/report'));
    writeFileSync(join(folder, 'work/report/report.json'), '{}');
    const outcome = run(folder, 'ship-report.sh', env);
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    const groups = await target.groups();
    expect(Object.keys(groups)).toEqual([
      'job/cdk8s-dr/site/nextgen/namespace/production/asset_kind/database/asset/nextgen-postgres',
    ]);
    const [metrics = {}] = Object.values(groups);
    expect(Object.keys(metrics)).toEqual([
      'backup_verify_last_success_timestamp_seconds',
      'backup_verify_duration_seconds',
    ]);
    expect(Number(metrics.backup_verify_duration_seconds?.value)).toBeGreaterThanOrEqual(90);
  });
});

describe('a report aside', () => {
  it('does not hold up the step when the gateway hangs', async () => {
    const { url } = await gateway('hang');
    const begin = Date.now();
    // Output goes to a file, since a reader would wait until the report in the background has closed it.
    const { path, text } = reportOf('etcd-backup');
    const script = `PUSH_URL='${url}${path}'; PUSH_REPORT='${text}'; PUSH_ASIDE=true; . "$1/common.sh"; . "$1/push.sh"; report_success`;
    const shell = spawnSync('/bin/sh', ['-c', script, 'sh', join(folder, 'scripts')], {
      stdio: 'ignore',
      env: { ...process.env, WORK_DIR: join(folder, 'work') },
    });
    expect(shell.status).toBe(0);
    expect(Date.now() - begin).toBeLessThan(5_000);
  });

  it('arrives, and holds what the run was when it ended', async () => {
    const target = await gateway();
    expect(ship(target.url, { PUSH_ASIDE: 'true' }, 'etcd-backup').code).toBe(0);
    rmSync(join(folder, 'work/run'), { recursive: true });
    for (let tries = 0; tries < 100 && Object.keys(await target.groups()).length === 0; tries += 1) {
      await setTimeout(100);
    }
    expect(Object.values(await target.groups())[0]?.backup_size_bytes?.value).toBe('3000000004');
  });
});
