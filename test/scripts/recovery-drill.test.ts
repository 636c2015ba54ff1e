import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { find, objectsIn, render } from '../support/render';
import { PostgresServer } from './postgres-server';
import type { Outcome } from './support';
import { own, podFolder, run, standInForKubectl } from './support';
import { workFolder } from './tools';

const template = find(objectsIn(render(nextgen)), 'ConfigMap', 'nextgen-postgres-recovery-template').data[
  'cluster.json'
];
const CLUSTER = 'nextgen-postgres-drill';
const READY = { phase: 'Cluster in healthy state', conditions: [{ type: 'Ready', status: 'True' }] };
const BUSY = { phase: 'Setting up primary', conditions: [{ type: 'Ready', status: 'False' }] };
let folder = '';

interface State {
  readonly cluster: object | null;
  readonly dependents: string[];
  readonly course: object[];
  // biome-ignore lint/suspicious/noExplicitAny: Clusters as they were made
  readonly created: any[];
  readonly stuck?: boolean;
  readonly refuse?: Record<string, string>;
}

function set(changes: Partial<State>): void {
  const state = { cluster: null, dependents: [], course: [READY], created: [], ...changes };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  own(folder);
}

const state = (): State => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
const failure = (): string => {
  const file = join(folder, 'work/drill/failure');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
};
const place = { NAMESPACE: 'production-drill', CLUSTER };
const recover = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'recover-cluster.sh', {
    ...place,
    CLUSTER_TEMPLATE: join(folder, 'cluster.json'),
    SOURCE: 'postgres/nextgen-postgres',
    JOB_NAME: 'drill-1',
    JOB_UID: 'uid-1',
    UP_TO_SECONDS: '',
    ...env,
  });
const remove = (): Outcome => run(folder, 'remove-cluster.sh', place);

beforeEach(() => {
  folder = podFolder('checks');
  writeFileSync(join(folder, 'cluster.json'), template);
  standInForKubectl(folder, 'fake-cluster-api.cjs');
  own(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('the recovery of a drill', () => {
  it('makes the planned Cluster as the property of its Job, and waits until it is ready', () => {
    set({ course: [{}, BUSY, READY] });
    const outcome = recover();
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    const [made] = state().created;
    expect(made.metadata.ownerReferences).toEqual([
      { apiVersion: 'batch/v1', kind: 'Job', name: 'drill-1', uid: 'uid-1' },
    ]);
    expect({ ...made, metadata: { ...made.metadata, ownerReferences: undefined } }).toEqual(JSON.parse(template));
    expect(outcome.out).toContain('recover: Setting up primary\n');
    expect(readFileSync(join(folder, 'work/run/source'), 'utf8')).toBe('postgres/nextgen-postgres\n');
  });

  it('recovers up to a moment so long ago, where one is wanted', () => {
    set({});
    const outcome = recover({ UP_TO_SECONDS: '3600' });
    const { targetTime } = state().created[0].spec.bootstrap.recovery.recoveryTarget;
    expect(targetTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const age = (Date.now() - Date.parse(targetTime)) / 1000 - 3600;
    expect(age).toBeGreaterThan(-2);
    expect(age).toBeLessThan(120);
    expect(outcome.out).toContain(`up to ${targetTime}, `);
  });

  it('first removes what a run that was killed has left, with its pods and volumes', () => {
    set({ cluster: { metadata: { name: CLUSTER } }, dependents: ['pod/old-1', 'persistentvolumeclaim/old-1'] });
    expect(recover().code).toBe(0);
    const calls = readFileSync(join(folder, 'calls'), 'utf8');
    expect(calls.indexOf('delete clusters')).toBeLessThan(calls.indexOf('create --filename'));
    expect(state().created).toHaveLength(1);
  });

  it('fails at once, with the reason, when CloudNativePG gives up', () => {
    set({
      course: [BUSY, { phase: 'Cluster is unrecoverable and needs manual intervention', phaseReason: 'no\nbackup' }],
    });
    const outcome = recover();
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('error: the recovery failed: Cluster is unrecoverable');
    expect(outcome.err).toContain('no backup');
  });

  it('fails when the Cluster is turned down', () => {
    set({ refuse: { create: 'admission webhook "vcluster.cnpg.io" denied the request' } });
    expect(recover().err).toContain(`error: Cluster ${CLUSTER} cannot be made: admission webhook`);
  });
});

describe('the removal after a drill', () => {
  it('waits until pods and volumes are gone', () => {
    set({ cluster: { metadata: { name: CLUSTER } }, dependents: ['pod/x-1', 'persistentvolumeclaim/x-1'] });
    expect(remove()).toMatchObject({ code: 0, err: '' });
    expect(state()).toMatchObject({ cluster: null, dependents: [] });
    expect(failure()).toBe('');
  });

  it('that is refused is a failure of the drill, unless it failed before, and ends well so that the report is stored', () => {
    set({
      cluster: { metadata: { name: CLUSTER } },
      refuse: { 'delete clusters': 'Error from server (Forbidden): no' },
    });
    expect(remove().code).toBe(0);
    expect(failure()).toContain(`remove: Cluster ${CLUSTER} is left; it goes with this Job: `);
    expect(failure()).toContain('Forbidden');
    writeFileSync(join(folder, 'work/drill/failure'), 'recover: the first reason\n');
    own(folder);
    expect(remove().code).toBe(0);
    expect(failure()).toBe('recover: the first reason');
  });
});

describe('the validation of a drill', () => {
  const root = workFolder();
  const server = new PostgresServer(root);

  beforeAll(() => {
    spawnSync('chown', ['postgres', root]);
    server.create();
    server.sql('shop', 'CREATE TABLE users AS SELECT generate_series(1, 7) AS id, now() AS seen');
  });
  afterAll(() => {
    server.stop();
    rmSync(root, { recursive: true, force: true });
  });

  function validate(checks: Record<string, string>, env: Record<string, string> = {}): Outcome {
    mkdirSync(join(folder, 'work/run'));
    writeFileSync(join(folder, 'work/run/began'), `${Math.floor(Date.now() / 1000)}\n`);
    for (const [name, statement] of Object.entries(checks)) {
      writeFileSync(join(folder, 'checks', name), statement);
    }
    own(folder);
    return run(folder, 'validate-cluster.sh', {
      PGHOST: server.socket,
      PGPORT: '5432',
      PGDATABASE: 'shop',
      PGUSER: 'postgres',
      PGPASSWORD: 'secret',
      PGSSLMODE: 'disable',
      SERVER_CA: 'a certificate',
      PGCONNECT_TIMEOUT: '5',
      VERIFY_JOBS: '2',
      CHECKS_DIR: join(folder, 'checks'),
      CORRUPTION_CHECK: 'true',
      BEHIND_SECONDS: '300',
      ...env,
    });
  }

  const lines = (): string[] => readFileSync(join(folder, 'work/run/lines'), 'utf8').trimEnd().split('\n');

  it('runs every check against the recovered database, and lists its tables', () => {
    const outcome = validate({ '01-rows.sql': "SELECT count(*) = 7, count(*) || ' rows' FROM users;\n" });
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
    expect(lines()).toEqual(['passed\tcorruption\tpg_amcheck found nothing', 'passed\trows\t7 rows']);
    expect(readFileSync(join(folder, 'work/run/tables'), 'utf8')).toMatch(/^public\.users\t7\t\d+\n$/);
    expect(readFileSync(join(folder, 'work/run/ca.crt'), 'utf8')).toBe('a certificate\n');
  });

  it('runs all of them when one fails, and fails with the first', () => {
    const outcome = validate({
      '01-few.sql': 'SELECT false, 12;\n',
      '02-gone.sql': 'SELECT true, count(*) FROM gone;\n',
    });
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('error: few: 12');
    expect(lines().map((line) => line.split('\t').slice(0, 2).join(' '))).toEqual([
      'passed corruption',
      'failed few',
      'failed gone',
    ]);
  });

  it('allows for what the archive may be behind, and for no more', () => {
    const fresh = (seconds: number): string =>
      `SELECT now() - interval '${seconds} seconds' >= :'captured_at'::timestamptz, :'captured_at';\n`;
    expect(validate({ '01-fresh.sql': fresh(290) }).code).toBe(0);
    rmSync(join(folder, 'work/run'), { recursive: true });
    expect(validate({ '01-fresh.sql': fresh(310) }).err).toContain('error: fresh: ');
  });

  it('fails when the server does not answer', () => {
    expect(validate({}, { PGHOST: join(folder, 'nobody') }).err).toContain('error: cannot connect to ');
  });
});
