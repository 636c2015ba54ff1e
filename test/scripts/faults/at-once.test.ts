import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { own, podFolder, run, startGroup } from '../support';
import { DumpSite } from './dump-site';
import { expectFailure, expectNothingLost, expectSuccess, markersIn, storedIn } from './stored';

let site: DumpSite;
/** The pod of another run, beside that of the site. */
const other = podFolder();

beforeAll(async () => {
  site = await DumpSite.create('CREATE TABLE users AS SELECT n, md5(n::text) AS v FROM generate_series(1, 20000) n');
});

beforeEach(() => site.empty());

afterAll(() => site.remove());

const shipping = (): Record<string, string> => ({ ...site.store, KEY_PREFIX: 'shop/daily' });

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    await once(child, 'exit');
  }
  return child.exitCode;
}

/** Makes the other pod a copy of the site's, sealed and ready to ship. */
function copyPod(): void {
  cpSync(join(site.folder, 'work'), join(other, 'work'), { recursive: true });
  own(other);
}

it('two runs at once both commit a copy of their own', async () => {
  await site.backup();
  copyPod();
  await site.backup();
  site.empty();
  const slow = { RCLONE_BWLIMIT: '500k' };
  const children = [site.folder, other].map((folder) => startGroup(folder, 'ship.sh', { ...shipping(), ...slow }));
  expect(await Promise.all(children.map(ended))).toEqual([0, 0]);
  expectNothingLost({}, site.bucket);
  expect(markersIn(storedIn(site.bucket))).toHaveLength(2);
  site.expectRestorable();
});

it('a run that was captured in the second of another one fails, and leaves it as it is', async () => {
  const id = basename(await site.backup());
  const before = storedIn(site.bucket);
  expectSuccess(run(site.folder, 'dump.sh', site.server.environment));
  writeFileSync(join(site.folder, 'work/run/id'), `${id}\n`);
  expectSuccess(run(site.folder, 'seal.sh', { ASSET: 'shop', TIER: 'daily', ...site.sealing }));
  expectFailure(run(site.folder, 'ship.sh', shipping()), `upload to store:backups/shop/daily/${id} failed`);
  expect(storedIn(site.bucket)).toEqual(before);
  site.expectRestorable();
});
