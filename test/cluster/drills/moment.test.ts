import { beforeAll, describe, expect, it } from 'vitest';
import { archiveSegment, baseBackup } from '../support/archive';
import { query } from '../support/database';
import { passed } from '../support/reports';
import { databaseOf, ready, S3 } from '../support/site';
import { Store } from '../support/store';
import { allowLastRequests } from '../support/watch';

const MINUTES = 60_000;
const database = databaseOf(S3);
const [drill] = S3.plan.drills.recoveries;

describe('the drill of recovery to a moment', () => {
  let store: Store;

  beforeAll(async () => {
    await ready(S3);
    store = await Store.open(S3.plan.storage);
    await allowLastRequests(drill?.namespace ?? '', drill?.clusterName ?? '');
    await baseBackup(database, store);
  }, 20 * MINUTES);

  it(
    'brings back a table that was dropped after the moment, and not what was written after it',
    async () => {
      if (drill?.upTo === undefined) {
        throw new Error('the config of this site rehearses the recovery of a moment');
      }
      await query(database, 'CREATE TABLE dropped AS SELECT generate_series(1, 777) AS id');
      // At the moment that is recovered, the table has been there for some seconds.
      await new Promise((resolve) => setTimeout(resolve, ((drill.upTo ?? 0) + 5) * 1000));
      await query(database, 'DROP TABLE dropped; CREATE TABLE late AS SELECT 1 AS id');
      await archiveSegment(database, store);
      try {
        const report = await passed(store, drill);
        const rows = new Map(report.tables.map(({ name, rows }) => [name, rows]));
        expect(rows.get('public.dropped')).toBe(777);
        expect(rows.has('public.late')).toBe(false);
      } finally {
        await query(database, 'DROP TABLE late');
      }
    },
    20 * MINUTES,
  );
});
