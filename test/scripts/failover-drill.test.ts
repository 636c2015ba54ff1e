import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresServer } from './postgres-server';
import type { Outcome } from './support';
import { own, podFolder, run, standInForKubectl, start } from './support';
import { asPostgres, workFolder } from './tools';

let folder = '';
let writer: ChildProcess | undefined;

const status = (currentPrimary: string, readyInstances: number): object => ({ currentPrimary, readyInstances });

function set(course: object[], refuse: Record<string, string> = {}): void {
  const cluster = { metadata: { name: 'shop' } };
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ cluster, dependents: [], created: [], course, refuse }));
  own(folder);
}

/** Writes once a second, but not for some seconds after the primary was stopped. */
function write(pause: number): void {
  const script = `while :; do
    if [ -z "\${paused:-}" ] && grep -q '^delete pods' "$HOME/calls" 2>/dev/null; then paused=1; sleep ${pause}; fi
    date +%s >>"$HOME/work/probe/written"; sleep 1
  done`;
  const [program = 'sh', ...rest] = [...asPostgres(), 'sh', '-c', script];
  writer = spawn(program, rest, { env: { ...process.env, HOME: folder }, stdio: 'ignore', detached: true });
}

const failOver = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'fail-over.sh', { NAMESPACE: 'shop', CLUSTER: 'shop', INSTANCES: '3', LIMIT_SECONDS: '30', ...env });
const lines = (): string[] =>
  readFileSync(join(folder, 'work/run/lines'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\t/g, ' '));
const calls = (): string => readFileSync(join(folder, 'calls'), 'utf8');

beforeEach(() => {
  folder = podFolder('work/probe');
  standInForKubectl(folder, 'fake-cluster-api.cjs');
  own(folder);
});
afterEach(() => {
  if (writer?.pid !== undefined) {
    process.kill(-writer.pid, 'SIGKILL');
    writer = undefined;
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('a failover on purpose', () => {
  it('stops the primary, waits for another and for all instances, and measures how long nothing was written', () => {
    set([status('shop-1', 3), status('shop-1', 2), status('shop-2', 2), status('shop-2', 2), status('shop-2', 3)]);
    write(5);
    const outcome = failOver();
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    expect(calls()).toContain('delete pods shop-1 --namespace=shop --grace-period=1 --wait=false');
    const gap = Number(readFileSync(join(folder, 'work/run/measured'), 'utf8'));
    expect(gap).toBeGreaterThanOrEqual(5);
    expect(gap).toBeLessThan(15);
    expect(lines().map((line) => line.replace(/after \d+ s/, 'after N s'))).toEqual([
      'passed primary shop-2 took over from shop-1 after N s',
      'passed instances 3 of 3 ready again after N s',
      `passed writes stopped for ${gap} s, at most 30 s are allowed`,
    ]);
    expect(readFileSync(join(folder, 'work/run/source'), 'utf8')).toBe('shop-1\n');
  });

  it('stops what is the primary once a write is proven, and not what was it before', async () => {
    set([status('shop-1', 3)]);
    const child = start(folder, 'fail-over.sh', {
      ...{ NAMESPACE: 'shop', CLUSTER: 'shop', INSTANCES: '3', LIMIT_SECONDS: '30' },
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    set([status('shop-2', 3), status('shop-3', 2), status('shop-3', 3)]);
    write(0);
    expect(await ended).toBe(0);
    expect(calls()).toContain('delete pods shop-2 ');
    expect(calls()).not.toContain('delete pods shop-1 ');
    expect(lines()[0]).toMatch(/^passed primary shop-3 took over from shop-2 /);
  });

  it('leaves a Cluster alone that is not whole', () => {
    set([status('shop-1', 2)]);
    write(0);
    expect(failOver().err).toContain('error: 2 of 3 instances of shop are ready: it was left as it is');
    expect(calls()).not.toContain('delete');
  });

  it('says what the API server refused', () => {
    set([status('shop-1', 3)], { 'delete pods': 'Error from server (Forbidden): pods is forbidden' });
    write(0);
    expect(failOver().err).toContain('error: shop-1 cannot be stopped: Error from server (Forbidden)');
  });
});

describe('the probe of a failover', () => {
  const root = workFolder();
  const server = new PostgresServer(root);
  beforeAll(() => {
    spawnSync('chown', ['postgres', root]);
    server.create();
    server.sql('postgres', 'CREATE ROLE app LOGIN');
  });
  afterAll(() => {
    server.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('writes as an ordinary role, changes nothing that can be read, and notes no write that was not acknowledged', async () => {
    const before = server.sql('shop', 'SELECT pg_current_wal_insert_lsn()');
    const child = start(folder, 'probe-writes.sh', {
      ...{ PGHOST: server.socket, PGPORT: '5432', PGDATABASE: 'shop', PGUSER: 'app', PGPASSWORD: 'secret' },
      ...{ PGSSLMODE: 'disable', PGSSLROOTCERT: '/dev/null', PGCONNECT_TIMEOUT: '5' },
    });
    const written = (): number => {
      const count = spawnSync('wc', ['-l', join(folder, 'work/probe/written')], { encoding: 'utf8' });
      return count.status === 0 ? Number.parseInt(count.stdout, 10) : 0;
    };
    const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    try {
      for (let second = 0; second < 60 && written() < 2; second += 1) {
        await pause(1);
      }
      expect(written()).toBeGreaterThanOrEqual(2);
      expect(server.sql('shop', 'SELECT pg_current_wal_insert_lsn()')).not.toBe(before);
      expect(server.sql('shop', "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toBe(
        '0\n',
      );
      server.sql('postgres', 'ALTER ROLE app NOLOGIN');
      await pause(2);
      const stopped = written();
      await pause(3);
      expect(written()).toBe(stopped);
      expect(readFileSync(join(folder, 'work/probe/error'), 'utf8')).not.toBe('');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
