import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../machine/run';
import { archiveSegment, baseBackup } from '../support/archive';
import { healthy, query } from '../support/database';
import { dumpsOf } from '../support/dumps';
import { finish, start } from '../support/jobs';
import { get, kubectl, tryKubectl } from '../support/kubectl';
import { failed, passed } from '../support/reports';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';
import { allowLastRequests } from '../support/watch';

const MINUTES = 60_000;

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
    await allowLastRequests(namespace, clusterName);
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
