import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { own, run, tree } from '../support';
import { DumpSite } from './dump-site';
import { expectFailure, expectSuccess } from './stored';

let site: DumpSite;

beforeAll(async () => {
  site = await DumpSite.create('CREATE TABLE users AS SELECT n FROM generate_series(1, 1000) n');
});

beforeEach(() => site.empty());

afterAll(() => site.remove());

it('an object that was replaced by that of another run opens nothing, though it is sealed well', async () => {
  const older = await site.backup();
  const newer = await site.backup();
  copyFileSync(join(older, 'database.tar.gpg'), join(newer, 'database.tar.gpg'));
  own(site.folder);
  expectSuccess(site.fetch());
  expectFailure(site.unseal(), /database.tar.gpg (has \d+ bytes, its marker says|differs from what was stored)/);
  expect(tree(join(site.folder, 'work/restored'))).toEqual([]);
});

it('a marker without any of its objects is an error that names the run, and the run before can still be restored', async () => {
  const older = await site.backup();
  const newer = await site.backup();
  for (const name of readdirSync(newer).filter((file) => file !== 'backup.json')) {
    rmSync(join(newer, name));
  }
  expectFailure(site.fetch(), `shop/daily/${basename(newer)} lacks database.tar.gpg, which its marker lists`);
  const fetched = { ...site.store, PREFIXES: 'shop/daily', NOT_AFTER: basename(older) };
  expectSuccess(run(site.folder, 'fetch-run.sh', fetched), site.unseal(), site.verify());
});

it('objects without a marker are no backup: the newest with one is taken, and pruning leaves the others while they may be of a run that goes on', async () => {
  const good = await site.backup();
  const half = await site.backup();
  rmSync(join(half, 'backup.json'));
  expect(site.fetch().out).toContain(`fetch: shop/daily/${basename(good)}`);
  expectSuccess(site.unseal(), site.verify());
  const rules = { RULES: 'shop/daily=1:1', ABANDONED_AFTER_SECONDS: '3600' };
  expectSuccess(run(site.folder, 'prune.sh', { ...site.store, ...rules }));
  expect(readdirSync(dirname(half)).sort()).toEqual([basename(good), basename(half)].sort());
});

it('a marker of nothing is an error', async () => {
  const newest = await site.backup();
  rmSync(join(newest, 'backup.json'));
  copyFileSync('/dev/null', join(newest, 'backup.json'));
  expectFailure(site.fetch(), `the marker of shop/daily/${basename(newest)} is empty, or vanished`);
});
