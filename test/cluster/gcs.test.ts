import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './machine/run';
import { archiveSegment, backUp, baseBackup } from './support/archive';
import { EVERY_ROW, query } from './support/database';
import { dump, dumpsOf, RUN_FILES, tierOf } from './support/dumps';
import { runToFailure, runToSuccess } from './support/jobs';
import { get } from './support/kubectl';
import { openByHand } from './support/open-by-hand';
import { checksums, replicate, replicationPlanOf } from './support/replication';
import { passed } from './support/reports';
import { databaseOf, GCS, ready } from './support/site';
import { Store } from './support/store';
import { allowLastRequests } from './support/watch';

const database = databaseOf(GCS);
const { name, namespace } = database;
const daily = tierOf(database, 'daily');
const { verification, prune } = dumpsOf(database);

describe('the reference config on Google Cloud Storage, with the key of a service account', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(GCS);
    store = await Store.open(GCS.plan.storage);
  });

  it('archives WAL and base backups under the planned path', async () => {
    await archiveSegment(database, store);
    await baseBackup(database, store);
    await backUp(database, 'gcs-by-hand', 'plugin');
  });

  it('stores dumps under the planned keys, which hold the database row for row', async () => {
    const id = await dump(database, store, daily);
    expect(await store.list(`${daily.prefix}/${id}`)).toEqual(RUN_FILES.map((file) => `${daily.prefix}/${id}/${file}`));
    expect(await openByHand(store, `${daily.prefix}/${id}`, EVERY_ROW)).toBe(await query(database, EVERY_ROW));
  });

  it('verifies the newest dump, and not one that was changed in the store', async () => {
    await dump(database, store, tierOf(database, 'hourly'));
    const id = await dump(database, store, daily);
    expect(await runToSuccess(namespace, verification.jobName)).toContain(
      `verification of ${daily.prefix}/${id}: passed`,
    );
    const key = `${daily.prefix}/${id}/database.tar.gpg`;
    const stored = await store.read(key);
    const damaged = Buffer.from(stored);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
    await store.write(key, damaged);
    expect(await runToFailure(namespace, verification.jobName)).toContain('its checksum does not match the marker');
    await store.write(key, stored);
  });

  it('prunes what has expired, and never the newest', async () => {
    const [newest = ''] = (await store.list(daily.prefix)).reverse();
    const id = newest.split('/').at(-2);
    const expired = `${daily.prefix}/20200101T000000Z`;
    await store.copy(`${daily.prefix}/${id}`, expired);
    await dump(database, store, daily);
    await dump(database, store, daily);
    expect(await runToSuccess(namespace, prune.jobName)).toMatch(
      new RegExp(`prune: ${daily.prefix}: [1-9]\\d* committed, 1 expired and removed`),
    );
    expect(await store.list(expired)).toEqual([]);
    expect(await store.list(`${daily.prefix}/${id}`)).toHaveLength(RUN_FILES.length);
  });

  it('is recovered into a Cluster of its own by the drill', async () => {
    const [drill] = GCS.plan.drills.recoveries;
    if (drill === undefined) {
      throw new Error('the config of this site rehearses no recovery');
    }
    await allowLastRequests(drill.namespace, drill.clusterName);
    // The drill recovers a moment that has just passed; PostgreSQL stops there only when it sees that something came later.
    await query(database, 'CREATE TABLE late AS SELECT 1 AS id');
    try {
      await archiveSegment(database, store);
      const report = await passed(store, drill);
      const rows = new Map(report.tables.map((table) => [table.name, table.rows]));
      expect(rows.get('public.users')).toBe(Number(await query(database, 'SELECT count(*) FROM users')));
      expect(rows.has('public.late')).toBe(false);
    } finally {
      await query(database, 'DROP TABLE late');
    }
  }, 1_200_000);

  it('has a second copy at another provider, equal by checksums computed here', async () => {
    const plan = replicationPlanOf(GCS);
    expect(await replicate(plan)).toMatch(/replicate: [1-9]\d* folders committed/);
    const copied = await checksums(await Store.open(plan.target), database.path);
    expect(copied).not.toEqual({});
    expect(await checksums(store, database.path)).toMatchObject(copied);
    expect(Object.keys(copied)).toContain(
      `${daily.prefix}/${(await store.list(daily.prefix))[0]?.split('/').at(-2)}/backup.json`,
    );
  });

  it('is refused to whoever has no key', async () => {
    const list = `rclone lsf --retries 1 store:${GCS.plan.storage.gcsSettings?.bucket}`;
    const anonymous = 'unset RCLONE_CONFIG_STORE_SERVICE_ACCOUNT_FILE; export RCLONE_CONFIG_STORE_ANONYMOUS=true';
    const type = (lines: string): Promise<Outcome> => store.toolbox.attempt('rclone', ['sh', '-c', lines]);
    expect((await type(list)).code).toBe(0);
    const refused = await type(`${anonymous}; ${list}`);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('401');
  });

  it('is one instance under the planned name', async () => {
    expect((await get('cluster', name, namespace)).status.readyInstances).toBe(1);
  });
});
