import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { own, run } from '../support';
import { DumpSite } from './dump-site';
import { expectSuccess } from './stored';

const ROOMY = 65_536;
let site: DumpSite;
let work = '';

beforeAll(async () => {
  // Random text, so that neither the dump nor what is sealed gets much smaller.
  site = await DumpSite.create(
    'CREATE TABLE users AS SELECT n, md5(n::text) || md5((n + 1)::text) AS v FROM generate_series(1, 3000) n',
  );
  work = join(site.folder, 'work');
});

beforeEach(async () => {
  site.empty();
  mount('-t', 'tmpfs', '-o', `size=${ROOMY}k`, 'tmpfs', work);
  own(site.folder);
  await site.backup();
});

afterEach(() => {
  spawnSync('umount', ['-l', work]);
});

afterAll(() => site.remove());

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}

/** Sets the size of the workspace in KiB. */
const resize = (kib: number): void => mount('-o', `remount,size=${kib}k`, work);

const used = (): number =>
  Number(spawnSync('df', ['--output=used', '-k', work], { encoding: 'utf8' }).stdout.split('\n')[1]);

/** What a dump takes in KiB; it is there afterwards. */
function dumped(env: Record<string, string> = {}): number {
  resize(ROOMY);
  site.emptyWorkspace();
  expectSuccess(run(site.folder, 'dump.sh', { ...site.server.environment, ...env }));
  return used();
}

it.each(['1', '2'])('a workspace that is full at the dump commits nothing, with %s workers', async (jobs) => {
  const dump = { DUMP_JOBS: jobs };
  const size = dumped(dump);
  for (const part of [0.1, 0.9]) {
    await site.expectHarmless(
      () => {
        site.emptyWorkspace();
        resize(Math.round(size * part));
        return site.pod({ dump });
      },
      /pg_dump(all)? of (shop|the roles)|the contents of the dump cannot be listed|is the workspace full/,
      () => resize(ROOMY),
    );
  }
});

it('a workspace that is full at the seal commits nothing', async () => {
  const size = dumped();
  for (const part of [0.1, 0.9]) {
    await site.expectHarmless(
      () => site.pod({ beforeSeal: () => resize(used() + Math.round(size * part)) }),
      'sealing database failed',
      () => resize(ROOMY),
    );
  }
});

it('a workspace that is full at the restore is called so, and not a wrong key, whatever room it lacks', () => {
  let failures = 0;
  for (let kib = 4; ; kib += 8) {
    resize(ROOMY);
    site.emptyWorkspace();
    expectSuccess(site.fetch());
    resize(used() + kib);
    const { code, err } = site.unseal();
    if (code === 0) {
      break;
    }
    expect(err.trimEnd().split('\n').at(-1)).toMatch(/^error: \S+ cannot be unpacked: .*; is the workspace full\?$/);
    expect(kib).toBeLessThan(1000);
    failures += 1;
  }
  expect(failures).toBeGreaterThan(3);
  resize(ROOMY);
  site.expectRestorable();
});

it('whatever room the seal lacks, it leaves no marker behind when it fails', () => {
  let failures = 0;
  for (let kib = 4; ; kib += 12) {
    dumped({ DUMP_JOBS: '1' });
    resize(used() + kib);
    const { code, err } = run(site.folder, 'seal.sh', { ASSET: 'shop', TIER: 'daily', ...site.sealing });
    expect(existsSync(join(work, 'marker/backup.json')), `${kib} KiB: ${err}`).toBe(code === 0);
    if (code === 0) {
      break;
    }
    expect(kib).toBeLessThan(1000);
    failures += 1;
  }
  expect(failures).toBeGreaterThan(3);
});
