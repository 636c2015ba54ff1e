import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, tree } from '../support';
import { POSTGRES, tool } from '../tools';
import { DumpSite } from './dump-site';
import { expectFailure, expectSuccess } from './stored';

type Env = Record<string, string>;

let site: DumpSite;
let capture = '';

/** A disk that damages a file once pg_dump has written it. */
function damaging(file: string, command: string): Env {
  return { ...watched(), DAMAGE: `file=$WORK_DIR/capture/${file}; ${command}` };
}

/** Has a dump run with programs that can be told to damage it, and that keep what each of them is to read back. */
function watched(): Env {
  return { PATH: `${site.folder}:${POSTGRES.path}` };
}

function provide(name: string, script: string): void {
  const program = join(site.folder, name);
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
}

function dump(env: Env = {}) {
  site.emptyWorkspace();
  return run(site.folder, 'dump.sh', { ...site.server.environment, ...env });
}

beforeAll(async () => {
  site = await DumpSite.create(
    `CREATE TABLE large AS SELECT n, md5(n::text) AS v FROM generate_series(1, 20000) n;
     CREATE TABLE middle AS SELECT n, md5(n::text) AS v FROM generate_series(1, 8000) n;
     CREATE TABLE small AS SELECT n, md5(n::text) AS v FROM generate_series(1, 500) n;
     CREATE TABLE "with; 7 digits" AS SELECT 1 AS n;
     CREATE TABLE "TABLE DATA" (v text);
     INSERT INTO "TABLE DATA" VALUES ('\\.'), (E'one\\n\\\\.\\ntwo'), ('1; 2 3 TABLE DATA public t');
     CREATE TABLE without_columns ();
     INSERT INTO without_columns DEFAULT VALUES;
     CREATE TABLE generated_only (n int GENERATED ALWAYS AS (1) STORED);
     INSERT INTO generated_only DEFAULT VALUES;
     CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM small;
     CREATE TABLE parts (n int) PARTITION BY RANGE (n);
     CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
     SELECT lo_from_bytea(4711, decode(md5('large object'), 'hex'));
     GRANT SELECT ON LARGE OBJECT 4711 TO backup;`,
  );
  capture = join(site.folder, 'work/capture');
  provide('pg_dump', `${tool('pg_dump')} "$@" || exit; [ "$1" = --version ] || eval "\${DAMAGE:-}"`);
  const keep = `for option in "$@"; do
  case "$option" in --use-list=*) cp "\${option#*=}" "$WORK_DIR/run/kept.\${option##*.}" ;; esac
done`;
  provide('pg_restore', `${keep}\nexec ${tool('pg_restore')} "$@"`);
});

afterAll(() => site.remove());

const WHOLE = 'mv "$file" "$file.whole"; half=$(($(stat -c %s "$file.whole") / 2));';
const HALF = `${WHOLE} head -c $half "$file.whole" >"$file";`;
const DAMAGES = [
  ['cut off', `${HALF} rm "$file.whole"`],
  [
    'with wrong bytes',
    `${HALF} printf "\\377\\377" >>"$file"; tail -c +$((half + 3)) "$file.whole" >>"$file"; rm "$file.whole"`,
  ],
  ['missing', 'rm "$file"'],
] as const;

/** Files of a dump in a directory that hold data, each of which is damaged in turn. */
function expectFound(env: Env, command: string, held: RegExp, said = /./): void {
  expectSuccess(dump(env));
  const files = tree(join(capture, 'database')).filter((name) => held.test(name));
  expect(files.length).toBeGreaterThanOrEqual(5);
  for (const file of files) {
    const outcome = dump({ ...env, ...damaging(`database/${file}`, command) });
    expectFailure(outcome, 'the dump cannot be read back in full');
    expect(outcome.err, file).toMatch(said);
    expect(tree(capture), file).toEqual([]);
  }
}

it.each(DAMAGES.flatMap(([damage, command]) => ['2', '8'].map((readers) => [damage, readers, command] as const)))(
  'a dump of which any file is %s is never taken for a good one by %s readers',
  (_, readers, command) => expectFound({ DUMP_JOBS: readers }, command, /\d+\.dat/),
);

it.each([
  ['cut off', DAMAGES[0][1]],
  ['emptied', ': >"$file"'],
])('the end of every table is seen, so that none is %s though pg_restore says nothing of it', (_, command) => {
  const plain = { DUMP_JOBS: '2', DUMP_COMPRESSION: '0' };
  expectFound(plain, command, /^\d+\.dat/, /^1 of \d+ tables have no end$/m);
});

it.each(DAMAGES)('a dump in one file that is %s is never taken for a good one', (_, command) => {
  const outcome = dump({ DUMP_JOBS: '1', ...damaging('database.dump', command) });
  expectFailure(outcome, /the dump cannot be read back in full|the contents of the dump cannot be listed/);
  expect(tree(capture)).toEqual([]);
});

/** Entries that a dump lists, and those that each of some readers is given. */
function sharedOut(readers: string): { readonly entries: string[]; readonly shares: string[][] } {
  expectSuccess(dump({ DUMP_JOBS: readers, ...watched() }));
  const run = join(site.folder, 'work/run');
  const entriesIn = (name: string): string[] =>
    readFileSync(join(run, name), 'utf8')
      .split('\n')
      .filter((line) => /^\d/.test(line));
  return {
    entries: entriesIn('contents'),
    shares: tree(run)
      .filter((name) => name.startsWith('kept.'))
      .map(entriesIn),
  };
}

it.each(['1', '2', '3', '30'])('everything that a dump lists is read back, by %s readers', (readers) => {
  const { entries, shares } = sharedOut(readers);
  expect(entries.length).toBeGreaterThan(8);
  expect(shares).toHaveLength(Number(readers));
  expect(shares.flat().sort()).toEqual(entries.sort());
});

it('the largest table has a reader for itself', () => {
  const holders = sharedOut('2').shares.filter((share) =>
    share.some((entry) => entry.includes(' TABLE DATA public large ')),
  );
  expect(holders).toHaveLength(1);
  expect(holders.flat().filter((entry) => entry.includes('TABLE DATA'))).toHaveLength(1);
});

it('a dump that is damaged while it is written commits nothing, and the next run is good', async () => {
  await site.backup();
  await site.expectHarmless(
    () => site.pod({ dump: damaging('database/toc.dat', DAMAGES[0][1]) }),
    'the contents of the dump cannot be listed',
  );
});
