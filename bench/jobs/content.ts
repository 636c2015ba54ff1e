import type { DatabasePlan } from '../../lib';
import { query } from '../../test/cluster/support/database';

/** Rows that are added at a time, about 100 MB of them. */
const STEP = 400_000;

/**
 * Fills a database up to some bytes with rows that compress as those of applications do: keys, times, numbers, hashes, and text that repeats.
 * No two tables have the same rows, and a database that is filled already is filled further. Unlogged, so that the archive is not busy with them while jobs are measured; dumps hold them like others.
 */
export async function fill(database: DatabasePlan, bytes: number): Promise<number> {
  for (let table = 0; (await sizeOf(database)) < bytes; table += 1) {
    const name = `measured_${table % 4}`;
    await query(
      database,
      `SET ROLE "${database.owner}";
CREATE UNLOGGED TABLE IF NOT EXISTS ${name} (
  id bigint PRIMARY KEY, hash text NOT NULL, note text, amount numeric(20, 4), created_at timestamptz, settings jsonb
);
INSERT INTO ${name}
  SELECT n, md5(n::text), repeat('note ' || n % 1000 || ' ', 5), n / 7.0, now() - n * interval '1 second', jsonb_build_object('n', n % 97)
  FROM (
    SELECT newest + step AS n
    FROM generate_series(1, ${STEP}) step, (SELECT coalesce(max(id), ${table % 4} * 1000000000::bigint) AS newest FROM ${name}) held
  ) added;`,
    );
  }
  await query(database, 'VACUUM ANALYZE; CHECKPOINT');
  return sizeOf(database);
}

async function sizeOf(database: DatabasePlan): Promise<number> {
  return Number(await query(database, 'SELECT pg_database_size(current_database())'));
}
