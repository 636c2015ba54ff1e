import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './machine/run';
import { archiveSegment, baseBackup } from './support/archive';
import { healthy, query } from './support/database';
import { dump, dumpsOf, tierOf } from './support/dumps';
import { finish, runToSuccess, start } from './support/jobs';
import { get, kubectl, remove, tryKubectl } from './support/kubectl';
import { PASSPHRASE } from './support/provide';
import { failed, passed } from './support/reports';
import { newRun, runIds } from './support/runs';
import { databaseOf, NEXTGEN, ready } from './support/site';
import { etcdPlanOf } from './support/snapshots';
import { Store } from './support/store';
import { MountedClaim, removeSnapshots, snapshotsOf } from './support/volumes';
import { allowForbidden } from './support/watch';

const { restoreTests, etcd: etcdDrill } = NEXTGEN.plan.drills;
const [restoreTest] = restoreTests;
if (restoreTest === undefined || etcdDrill === undefined) {
  throw new Error('the reference config rehearses the restore of dumps and of etcd');
}
const MINUTES = 60_000;
const sealing = NEXTGEN.plan.encryption.passphraseSecret;

async function setPassphrase(namespace: string, value: string): Promise<void> {
  const patch = JSON.stringify({ stringData: { [sealing?.key ?? '']: value } });
  await kubectl(['patch', 'secret', sealing?.secretName ?? '', '-n', namespace, '--type=merge', '-p', patch]);
}

describe('the restore test', () => {
  const database = databaseOf(NEXTGEN);
  const daily = tierOf(database, 'daily');
  const hourly = tierOf(database, 'hourly');
  let store: Store;
  let key: string;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await store.removeAll(daily.prefix);
    await store.removeAll(hourly.prefix);
    key = `${daily.prefix}/${await dump(database, store, daily)}`;
  });
  afterEach(() => setPassphrase(database.namespace, PASSPHRASE));

  it('restores a dump in full, and stores a report with its checks, its tables and the time it took', async () => {
    const report = await passed(store, restoreTest);
    expect(report).toMatchObject({ drill: 'restore-test', status: 'passed', source: key, rto: 'met' });
    expect(report.parts.map(({ name }) => name)).toEqual(['fetch', 'unseal', 'verify']);
    expect(report.checks.map(({ name, result }) => `${result} ${name}`)).toEqual(
      ['corruption', ...dumpsOf(database).verification.checks.map(({ name }) => name)].map((name) => `passed ${name}`),
    );
    // Suites before this one may have left tables of their own.
    expect(report.tables.map(({ name, rows }) => [name, rows])).toEqual(
      expect.arrayContaining([
        ['public.invoices', 3000],
        ['public.events', 2000],
        ['public.users', 501],
      ]),
    );
    expect(report.text).toMatch(/^Restore Test: .*\nStatus: PASSED\n/);
  });

  it('with a wrong key fails, and its report says so', async () => {
    await setPassphrase(database.namespace, 'not the one');
    const report = await failed(store, restoreTest);
    expect(report.failure).toMatch(/^unseal: .*cannot be opened: wrong key or damaged$/);
    expect(report.text).toContain('Status: FAILED\nFailure: unseal: ');
    expect(report.log).toContain('error: unseal: ');
  });

  it('of a damaged dump fails, and its report names the file', async () => {
    const file = `${key}/database.tar.gpg`;
    const bytes = await store.read(file);
    await store.write(file, bytes.subarray(0, bytes.length - 1000));
    try {
      expect((await failed(store, restoreTest)).failure).toMatch(
        /^unseal: database\.tar\.gpg has \d+ bytes, its marker says \d+$/,
      );
    } finally {
      await store.write(file, bytes);
    }
  });
});

describe('the drill of recovery', () => {
  const [drill] = NEXTGEN.plan.drills.recoveries;
  if (drill === undefined) {
    throw new Error('the reference config rehearses the recovery of its database');
  }
  const database = databaseOf(NEXTGEN);
  const { namespace, clusterName } = drill;
  let store: Store;

  const left = async (): Promise<string[]> =>
    (await kubectl(['get', 'clusters.postgresql.cnpg.io,pods,pvc', '-n', namespace, '-o', 'name']))
      .split('\n')
      .filter((line) => /^(cluster|persistentvolumeclaim)/.test(line) || line.startsWith(`pod/${clusterName}-1`));

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    // The role of the temporary Cluster goes before its instance does.
    await allowForbidden(new RegExp(`^403 system:serviceaccount:${namespace}:${clusterName}: `));
    await healthy(database);
    await baseBackup(database, store);
  }, 20 * MINUTES);
  afterEach(async () => {
    await query(database, 'DROP TABLE IF EXISTS drilled');
  });

  it(
    'recovers what was archived, after it has removed what a killed run left, and leaves no Cluster, pod or volume',
    async () => {
      await query(database, 'CREATE TABLE drilled AS SELECT generate_series(1, 777) AS id');
      await archiveSegment(database, store);
      // A run that is killed leaves a Cluster which belongs to its Job; the next run removes it first.
      const run = await start(namespace, drill.jobName);
      const cluster = ['get', 'clusters.postgresql.cnpg.io', clusterName, '-n', namespace, '-o', 'name'];
      await until('the temporary Cluster', 300, async () =>
        (await tryKubectl(cluster)).code === 0 ? '' : 'not there',
      );
      const made = await get('clusters.postgresql.cnpg.io', clusterName, namespace);
      const [owner] = (made.metadata as unknown as { ownerReferences: object[] }).ownerReferences;
      expect(owner).toMatchObject({ kind: 'Job', name: run.job });
      await kubectl([
        ...['delete', 'pods', '-n', namespace, '-l', `job-name=${run.job}`],
        ...['--force', '--grace-period=0'],
      ]);
      expect((await tryKubectl(cluster)).code).toBe(0);
      const before = await store.list(`${database.path}/${database.archive.serverName}`);
      const report = await passed(store, drill);
      expect(report).toMatchObject({ drill: 'recovery', status: 'passed' });
      expect(report.source).toBe(`${database.path}/${database.archive.serverName}`);
      expect(report.parts.map(({ name }) => name)).toEqual(['recover', 'validate']);
      expect(report.checks.map(({ name, result }) => `${result} ${name}`)).toEqual(
        ['corruption', ...dumpsOf(database).verification.checks.map(({ name }) => name)].map(
          (name) => `passed ${name}`,
        ),
      );
      const rows = new Map(report.tables.map((table) => [table.name, table.rows]));
      expect(rows.get('public.drilled')).toBe(777);
      expect(rows.get('public.invoices')).toBe(3000);
      expect(await left()).toEqual([]);
      await finish(run);
      // It writes nothing to the archive: what is there in addition is what the live Cluster has archived since.
      const added = (await store.list(`${database.path}/${database.archive.serverName}`)).filter(
        (key) => !before.includes(key),
      );
      expect(added.filter((key) => !key.includes('/wals/'))).toEqual([]);
    },
    20 * MINUTES,
  );

  it(
    'fails when a check fails, says which, and removes the Cluster all the same',
    async () => {
      await query(database, 'ALTER TABLE users RENAME TO hidden');
      try {
        await archiveSegment(database, store);
        const report = await failed(store, drill);
        expect(report.failure).toMatch(/^validate: rows-users: .*relation "users" does not exist/);
        expect(report.rto).toBe('unknown');
        expect(await left()).toEqual([]);
      } finally {
        await query(database, 'ALTER TABLE hidden RENAME TO users');
        await archiveSegment(database, store);
      }
    },
    20 * MINUTES,
  );
});

describe('the drill of snapshots', () => {
  const [drill] = NEXTGEN.plan.drills.snapshots;
  const [volumes] = NEXTGEN.plan.volumes;
  if (drill === undefined || volumes === undefined) {
    throw new Error('the reference config rehearses the restore of snapshots');
  }
  const { namespace, podName } = drill;
  const left = async (): Promise<string> =>
    (await kubectl(['get', 'pods,pvc', '-n', namespace, '-o', 'name']))
      .split('\n')
      .filter((line) => line.includes(podName))
      .join(' ');
  let store: Store;
  const mounted: MountedClaim[] = [];

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await removeSnapshots(volumes);
    for (const claim of volumes.claims) {
      const mount = await MountedClaim.mount(namespace, claim);
      mounted.push(mount);
      await mount.write('proof', 'written before the snapshot');
    }
    await runToSuccess(namespace, volumes.jobName);
  });
  afterAll(async () => {
    for (const { pod } of mounted) {
      await remove('pod', pod, namespace);
    }
  });

  it('restores the newest snapshot of every claim, reads it in full, and leaves neither pod nor claim', async () => {
    const newest = (await snapshotsOf(volumes)).map(({ metadata }) => metadata.name);
    const report = await passed(store, drill);
    expect(report).toMatchObject({ drill: 'snapshot-restore', status: 'passed', rto: 'met' });
    expect(report.source.split(', ').sort()).toEqual(newest.sort());
    expect(report.checks.map(({ name, result }) => `${result} ${name}`)).toEqual(
      [...volumes.claims].sort().map((claim) => `passed ${claim}`),
    );
    for (const { found } of report.checks) {
      expect(found).toMatch(/: [1-9]\d* files, [1-9]\d* bytes, \d+ s$/);
    }
    expect(await left()).toBe('');
  });

  it('fails, and its report says so, when a claim has no snapshot', async () => {
    const [doomed] = await snapshotsOf(volumes);
    const claim = String(doomed?.spec.source.persistentVolumeClaimName);
    await remove('volumesnapshot', String(doomed?.metadata.name), namespace);
    const report = await failed(store, drill);
    expect(report.failure).toBe(`restore: ${claim}: has no good snapshot`);
    expect(report.checks.map(({ result }) => result)).toEqual(['failed', 'passed']);
    expect(await left()).toBe('');
  });
});

describe('the drill of etcd', () => {
  const etcd = etcdPlanOf(NEXTGEN);
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await newRun(store, etcd, etcd.namespace, etcd.jobName);
  });
  // Its key is left alone: the stream would seal with a wrong one too.

  it('starts a member from the newest snapshot of the scheduled ones and the stream, and counts its keys', async () => {
    const report = await passed(store, etcdDrill);
    expect(report).toMatchObject({ drill: 'etcd-restore', status: 'passed', rto: 'met' });
    expect(report.source.startsWith(`${etcd.stream?.prefix}/`) || report.source.startsWith(`${etcd.prefix}/`)).toBe(
      true,
    );
    expect(report.parts.map(({ name }) => name)).toEqual(['fetch', 'unseal', 'check', 'restore', 'examine']);
    const [keys, values] = report.checks;
    expect(keys).toMatchObject({ result: 'passed', name: 'keys' });
    const [, count = '', revision = ''] = /^(\d+) keys at revision (\d+), /.exec(keys?.found ?? '') ?? [];
    expect(Number(count)).toBeGreaterThan(etcdDrill.minimumKeys);
    expect(Number(revision)).toBeGreaterThanOrEqual(Number(count));
    expect(values).toMatchObject({ result: 'passed', name: 'values' });
  });

  it('leaves nothing but its report in the store', async () => {
    const before = await runIds(store, etcd);
    await passed(store, etcdDrill);
    expect(await runIds(store, etcd)).toEqual(before);
  });
});
