import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proceduresOf } from '../../../lib/recovery';
import { archiveSegment, baseBackup } from '../support/archive';
import { healthy, query, removeCluster, sql } from '../support/database';
import { dump, tierOf } from '../support/dumps';
import { get, tryKubectl } from '../support/kubectl';
import { quietMoment, validated } from '../support/recovered';
import { databaseOf, ready, S3 } from '../support/site';
import { Store } from '../support/store';
import { Workstation } from '../support/workstation';

// The site whose Clusters have one instance, so that recovering them takes little.
const database = databaseOf(S3);
const { namespace, archive, path } = database;
const [{ beside, lostRows, dump: dumpProcedure } = {}] = proceduresOf(S3.plan).databases;
const BESIDE = archive.nextServerName;
const PAST = `${database.name}-past`;
const RESTORED = `${database.database}_restored`;
const MINUTES = 60_000;

describe('the runbook of a database, pasted as it is printed', () => {
  let store: Store;
  let workstation: Workstation;

  beforeAll(async () => {
    workstation = await Workstation.open(S3.plan);
    await ready(S3);
    store = await Store.open(S3.plan.storage);
    await cleanUp();
    await baseBackup(database, store);
  }, 20 * MINUTES);

  afterAll(async () => {
    await cleanUp();
    await workstation.close();
  });

  async function cleanUp(): Promise<void> {
    for (const cluster of [BESIDE, PAST]) {
      await removeCluster(cluster, namespace);
    }
    await tryKubectl(['delete', 'backup', `${BESIDE}-first`, '-n', namespace, '--ignore-not-found']);
    await store.removeAll(`${path}/${BESIDE}`);
    await healthy(database);
    await query(database, 'DROP TABLE IF EXISTS marks, marks_past');
    await sql(namespace, database.name, 'postgres', `DROP DATABASE IF EXISTS "${RESTORED}"`);
  }

  it(
    'brings back deleted rows beside the live ones, and adds what is missed without touching what was written since',
    async () => {
      await query(
        database,
        `SET ROLE "${database.owner}"; CREATE TABLE marks (id int PRIMARY KEY, mark text); INSERT INTO marks VALUES (1, 'kept'), (2, 'deleted')`,
      );
      const time = await quietMoment(database);
      await query(database, "DELETE FROM marks WHERE id = 2; INSERT INTO marks VALUES (3, 'written since')");
      await archiveSegment(database, store);
      const heading = lostRows?.title ?? '';
      const given = { TARGET_TIME: time, TABLE: 'public.marks' };
      const { code, out, err } = await workstation.paste(heading, {
        ...given,
        CONFIRM_DELETE: [PAST, 'public.marks_past'],
      });
      expect(code, `${out}\n${err}`).toBe(0);
      expect(await query(database, 'SELECT mark FROM marks ORDER BY id')).toBe('kept\ndeleted\nwritten since');
      expect((await tryKubectl(['get', 'cluster', PAST, '-n', namespace])).code).not.toBe(0);
      expect(await query(database, "SELECT to_regclass('marks_past') IS NULL")).toBe('t');
    },
    20 * MINUTES,
  );

  it(
    'recovers the database beside the old one to a second, validates it, and leaves both archives apart',
    async () => {
      await query(
        database,
        "CREATE TABLE IF NOT EXISTS marks (id int PRIMARY KEY, mark text); DELETE FROM marks; INSERT INTO marks VALUES (1, 'before')",
      );
      const time = await quietMoment(database);
      await query(database, "INSERT INTO marks VALUES (2, 'after')");
      await archiveSegment(database, store);
      const heading = beside?.at(-1)?.title ?? '';
      const { code, out, err } = await workstation.paste(heading, { TARGET_TIME: time });
      // Nobody wrote the name of the old Cluster into CONFIRM_DELETE, so the last step stops, and it is there.
      expect(err).toContain('CONFIRM_DELETE');
      expect(code, `${out}\n${err}`).not.toBe(0);
      expect(await sql(namespace, BESIDE, database.database, 'SELECT mark FROM marks')).toBe('before');
      expect(await query(database, 'SELECT mark FROM marks ORDER BY id')).toBe('before\nafter');
      const { spec, status } = await get('cluster', BESIDE, namespace);
      expect(spec.plugins[0].parameters.serverName).toBe(archive.nextServerName);
      expect(status.readyInstances).toBe(database.cluster.instances);
      expect((await get('backup', `${BESIDE}-first`, namespace)).status.phase).toBe('completed');
      expect((await store.list(`${path}/${BESIDE}/base`)).length).toBeGreaterThan(0);
      expect(validated(out)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^t\|501 rows/), expect.stringMatching(/^t\|3000 rows/)]),
      );
      expect(out).not.toMatch(/^f\|/m);
    },
    40 * MINUTES,
  );

  it('removes what was recovered, with its archive, when both are named', async () => {
    const heading = beside?.at(-1)?.title ?? '';
    const wrong = await workstation.backOut(heading, { CONFIRM_DELETE: [database.name, database.path] });
    expect(wrong.err).toContain(`CONFIRM_DELETE is not ${BESIDE}: nothing is deleted`);
    await get('cluster', BESIDE, namespace);
    const { code, out, err } = await workstation.backOut(heading, { CONFIRM_DELETE: [BESIDE, `${path}/${BESIDE}`] });
    expect(code, `${out}\n${err}`).toBe(0);
    expect((await tryKubectl(['get', 'cluster', BESIDE, '-n', namespace])).code).not.toBe(0);
    expect(await query(database, 'SELECT count(*) FROM marks')).toBe('2');
    expect((await store.list(`${path}/${archive.serverName}/base`)).length).toBeGreaterThan(0);
  });

  it(
    'restores a dump into a new database beside the live one, as its owner, and does nothing where there is one already',
    async () => {
      await dump(database, store, tierOf(database, 'daily'));
      const heading = dumpProcedure?.title ?? '';
      const { code, out, err } = await workstation.paste(heading, {});
      expect(code, `${out}\n${err}`).toBe(0);
      for (const table of ['users', 'invoices', 'events']) {
        const count = `SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text COLLATE "C")) FROM ${table} t`;
        expect(await sql(namespace, database.name, RESTORED, count)).toBe(await query(database, count));
      }
      const owner = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'";
      expect(await sql(namespace, database.name, RESTORED, owner)).toBe(database.owner);
      const again = await workstation.paste(heading, {});
      expect(again.err).toContain(`database "${RESTORED}" already exists`);
      expect(again.err).toContain('MADE');
      expect(again.out).not.toContain(`job.batch/${database.name}-restore created`);
    },
    20 * MINUTES,
  );

  it('drops the restored database when it is named', async () => {
    const heading = dumpProcedure?.title ?? '';
    const exists = `SELECT count(*) FROM pg_database WHERE datname = '${RESTORED}'`;
    expect((await workstation.backOut(heading, {})).err).toContain('CONFIRM_DELETE');
    expect(await query(database, exists)).toBe('1');
    const { code, err } = await workstation.backOut(heading, { CONFIRM_DELETE: RESTORED });
    expect(code, err).toBe(0);
    expect(await query(database, exists)).toBe('0');
  });
});
