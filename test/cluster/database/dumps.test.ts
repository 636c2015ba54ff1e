import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../machine/run';
import { EVERY_ROW, failedOver, killPrimary, query } from '../support/database';
import { dump, dumpsOf, RUN_FILES, tierOf } from '../support/dumps';
import { failed, podsOf, start } from '../support/jobs';
import { openByHand } from '../support/open-by-hand';
import { committedIds, markerOf, RUN_ID, runIds, sha256 } from '../support/runs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const database = databaseOf(NEXTGEN);

describe('a dump job', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
  });

  it.each(dumpsOf(database).tiers.map(({ name }) => name))(
    'of tier %s stores exactly the planned keys, with a marker that verifies',
    async (name) => {
      const tier = tierOf(database, name);
      const id = await dump(database, store, tier);
      expect(id).toMatch(RUN_ID);
      const key = `${tier.prefix}/${id}`;
      expect(await store.list(key)).toEqual(RUN_FILES.map((file) => `${key}/${file}`));
      const marker = await markerOf(store, tier, id);
      expect(marker).toMatchObject({
        asset: database.name,
        tier: name,
        runId: id,
        encryption: { method: 'passphrase' },
      });
      expect(marker.files.map((file) => file.name)).toEqual(RUN_FILES.filter((file) => file !== 'backup.json'));
      for (const file of marker.files) {
        const bytes = await store.read(`${key}/${file.name}`);
        expect(bytes.length).toBe(file.bytes);
        expect(sha256(bytes)).toBe(file.sha256);
      }
    },
  );

  it('stores nothing that can be read without the passphrase', async () => {
    const tier = tierOf(database, 'hourly');
    const id = await dump(database, store, tier);
    for (const file of (await markerOf(store, tier, id)).files) {
      const bytes = await store.read(`${tier.prefix}/${id}/${file.name}`);
      expect(bytes.includes('CREATE ROLE')).toBe(false);
      expect(bytes.includes('database/toc.dat')).toBe(false);
    }
  });

  it('is opened by stock gpg, and holds the database row for row', async () => {
    const tier = tierOf(database, 'daily');
    const id = await dump(database, store, tier);
    const rows = await openByHand(store, `${tier.prefix}/${id}`, EVERY_ROW);
    const live = await query(database, EVERY_ROW);
    expect(rows.split('\n').length).toBe(501 + 3000 + 2000);
    expect(rows).toBe(live);
  });

  it('fails and leaves no marker when the primary is killed in mid-dump, and the next run is good', async () => {
    const tier = tierOf(database, 'hourly');
    const before = await committedIds(store, tier);
    // The dump cannot get past a locked table, so the kill falls into its middle.
    const lock = query(database, 'BEGIN; LOCK TABLE events; SELECT pg_sleep(600);').catch(() => 'ended');
    await until('lock on events', 30, async () => {
      const held = await query(
        database,
        "SELECT count(*) FROM pg_locks WHERE relation = 'events'::regclass AND granted",
      );
      return held === '0' ? 'none' : '';
    });
    const run = await start(database.namespace, tier.jobName);
    await until('dump that waits for the lock', 90, async () => {
      const waiting = await query(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'",
      );
      return waiting === '0' ? `none; pods: ${(await podsOf(run)).map(({ status }) => status.phase)}` : '';
    });
    const lost = await killPrimary(database);
    const log = await failed(run);
    expect(log).toContain(`error: pg_dump of ${database.database} at`);
    expect(await committedIds(store, tier)).toEqual(before);
    expect(await lock).toBe('ended');

    await failedOver(database, lost);
    const id = await dump(database, store, tier);
    expect(await committedIds(store, tier)).toEqual([...before, id]);
    expect(await runIds(store, tier)).toEqual([...before, id]);
  });
});
