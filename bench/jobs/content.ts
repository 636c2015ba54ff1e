import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabasePlan } from '../../lib';
import { query } from '../../test/cluster/support/database';

/** Rows that are added at a time, about 100 MB of them. */
const STEP = 200_000;

/** Characters of a text. */
const LENGTH = 300;

/** What COPY takes for characters that would end a field or a row. */
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Fills a database up to some bytes with rows that compress as those of applications do: keys, times, numbers, hashes, and texts that people wrote.
 * No two tables have the same rows, and a database that is filled already is filled further. Unlogged, so that the archive is not busy with them while jobs are measured; dumps hold them like others.
 */
export async function fill(database: DatabasePlan, bytes: number): Promise<number> {
  await provideTexts(database);
  for (let table = 0; (await sizeOf(database)) < bytes; table += 1) {
    const name = `measured_${table % 4}`;
    await query(
      database,
      `SET ROLE "${database.owner}";
CREATE UNLOGGED TABLE IF NOT EXISTS ${name} (
  id bigint PRIMARY KEY, hash text NOT NULL, note text, amount numeric(20, 4), created_at timestamptz, settings jsonb
);
INSERT INTO ${name}
  SELECT n, md5(n::text), body, n / 7.0, now() - n * interval '1 second', jsonb_build_object('n', n % 97)
  FROM (
    SELECT newest + step AS n
    FROM generate_series(1, ${STEP}) step, (SELECT coalesce(max(id), ${table % 4} * 1000000000::bigint) AS newest FROM ${name}) held
  ) added
  JOIN texts ON number = n % (SELECT count(*) FROM texts);`,
    );
  }
  await query(database, 'VACUUM ANALYZE; CHECKPOINT');
  return sizeOf(database);
}

/** The documentation of this project's packages, cut in pieces: the next time that a piece is used is further away than any compression looks back. */
async function provideTexts(database: DatabasePlan): Promise<void> {
  const packages = join(__dirname, '../../node_modules');
  const files = readdirSync(packages, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  const whole = files
    .sort()
    .map((file) => readFileSync(join(packages, file), 'utf8'))
    .join('\n')
    // A pair of surrogates could be cut in two.
    .replace(/[\ud800-\udfff\0]/g, '');
  const lines = Array.from({ length: Math.floor(whole.length / LENGTH) }, (_, number) => {
    const text = whole.slice(number * LENGTH, (number + 1) * LENGTH);
    return `${number}\t${text.replace(/[\\\n\r\t]/g, (found) => ESCAPED[found] ?? '')}\n`;
  });
  await query(
    database,
    `SET ROLE "${database.owner}";
CREATE UNLOGGED TABLE IF NOT EXISTS texts (number int PRIMARY KEY, body text NOT NULL);
TRUNCATE texts;
COPY texts FROM STDIN;
${lines.join('')}\\.
ANALYZE texts;`,
  );
}

async function sizeOf(database: DatabasePlan): Promise<number> {
  return Number(await query(database, 'SELECT pg_database_size(current_database())'));
}
