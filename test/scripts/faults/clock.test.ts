import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { run } from '../support';
import { DumpSite } from './dump-site';
import { expectFailure, expectNothingLost, expectSuccess, storedIn } from './stored';

const HOUR = 3600;
let site: DumpSite;

beforeAll(async () => {
  site = await DumpSite.create('CREATE TABLE users AS SELECT n FROM generate_series(1, 1000) n');
  // A function, since busybox's shell has a date of its own. A time that is given is the same on every clock.
  writeFileSync(
    join(site.folder, 'scripts/common.sh'),
    `date() {
  case " $* " in
    *' -d '*) command date "$@" ;;
    *) command date -d "@$(($(command date +%s) + \${CLOCK_OFFSET:-0}))" "$@" ;;
  esac
}
`,
    { flag: 'a' },
  );
});

beforeEach(() => site.empty());

afterAll(() => site.remove());

/** What makes the clock of a step wrong by some seconds. */
const clock = (seconds: number): Record<string, string> => ({ CLOCK_OFFSET: String(seconds) });

/** A run on a node whose clock is wrong. */
const backupAt = async (seconds: number): Promise<string> =>
  site.backup({ dump: clock(seconds), seal: clock(seconds), ship: clock(seconds) });

const idAt = (seconds: number): string =>
  new Date(Date.now() + seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, '');

const runs = (): string[] => readdirSync(join(site.bucket, 'shop/daily')).sort();

const prune = (seconds: number) =>
  run(site.folder, 'prune.sh', {
    ...site.store,
    ...clock(seconds),
    RULES: `shop/daily=${HOUR}:2`,
    ABANDONED_AFTER_SECONDS: '600',
  });

it.each([
  ['ahead', HOUR],
  ['behind', -HOUR],
])('runs of a node whose clock is an hour %s are kept beside the others, and every one restores', async (_, offset) => {
  const before = await site.backup();
  const kept = storedIn(site.bucket);
  const wrong = await backupAt(offset);
  expect(Math.abs(Date.parse(toIso(basename(wrong))) - Date.parse(toIso(idAt(offset))))).toBeLessThan(60_000);
  const after = await site.backup();
  expectNothingLost(kept, site.bucket);
  expect(runs()).toEqual([before, wrong, after].map((folder) => basename(folder)).sort());
  for (const id of runs()) {
    const wanted = { ...site.store, PREFIXES: 'shop/daily', NOT_AFTER: id };
    expectSuccess(run(site.folder, 'fetch-run.sh', wanted), site.unseal(), site.verify());
  }
  // Nobody prunes by a run of the future less than a day away, nor stops pruning for it.
  expectSuccess(prune(0));
  expect(runs()).toEqual(
    [before, wrong, after]
      .map((folder) => basename(folder))
      .sort()
      .slice(offset < 0 ? 1 : 0),
  );
});

it('a prune whose clock is an hour ahead removes nothing below the floor, and what it removes is expired an hour later', async () => {
  await backupAt(-2 * HOUR);
  await backupAt(-HOUR / 2);
  const good = [await site.backup(), await site.backup()].map((folder) => basename(folder));
  expectSuccess(prune(HOUR));
  expect(runs()).toEqual(good);
  expectSuccess(prune(24 * HOUR));
  expect(runs()).toEqual(good);
});

it('a prune whose clock is an hour behind removes an hour later', async () => {
  await backupAt(-1.5 * HOUR);
  await site.backup();
  await site.backup();
  expectSuccess(prune(-HOUR));
  expect(runs()).toHaveLength(3);
  expectSuccess(prune(0));
  expect(runs()).toHaveLength(2);
});

it('a prune whose clock is more than a day behind refuses, since it sees runs of the future', async () => {
  await site.backup();
  expectFailure(prune(-25 * HOUR), 'is from the future: a clock is wrong, nothing is removed');
  expect(runs()).toHaveLength(1);
});

it('a verification whose clock is ahead takes a fresh dump for a stale one, loudly', async () => {
  await site.backup();
  expectFailure(site.fetch({ ...clock(HOUR), TIERS: `shop/daily=${HOUR / 2}` }), 'is stale: older than 1800 s');
  expectSuccess(site.fetch({ ...clock(HOUR), TIERS: `shop/daily=${2 * HOUR}` }));
});

function toIso(id: string): string {
  return id.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
}
