import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { own, podFolder, startGroup, tree } from '../support';
import { peakMemory } from './group';

const RUNS = 10_000;
const HOUR = 3600;
const PREFIX = 'shop/hourly';
const folder = podFolder('store/backups', 'second/backups');
const begin = Date.now() - RUNS * HOUR * 1000;

/** The run of an hour; the last one is of an hour ago. */
const idOf = (hour: number): string => new Date(begin + hour * HOUR * 1000).toISOString().replace(/[-:]|\.\d+/g, '');

const store = (remote: string, name: string): Record<string, string> => ({
  [remote]: `${remote.toLowerCase()}:backups`,
  [`RCLONE_CONFIG_${remote}_TYPE`]: 'alias',
  [`RCLONE_CONFIG_${remote}_REMOTE`]: join(folder, name),
});

beforeAll(() => {
  const place = join(folder, 'store/backups', PREFIX);
  const sum = createHash('sha256').update('sealed').digest('hex');
  const files = ['database.tar.gpg', 'globals.sql.gpg'];
  const listed = files.map((name) => `    {"name": "${name}", "bytes": 6, "sha256": "${sum}"}`);
  for (let hour = 0; hour < RUNS; hour += 1) {
    mkdirSync(join(place, idOf(hour)), { recursive: true });
    for (const name of files) {
      writeFileSync(join(place, idOf(hour), name), 'sealed');
    }
    writeFileSync(join(place, idOf(hour), 'backup.json'), `{\n  "files": [\n${listed.join(',\n')}\n  ]\n}\n`);
  }
  cpSync(join(folder, 'store/backups'), join(folder, 'second/backups'), { recursive: true });
  rmSync(join(folder, 'second/backups', PREFIX, idOf(RUNS - 1)), { recursive: true });
  own(folder);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a step and says how long it took and how much memory its processes had together at most. */
async function measured(script: string, env: Record<string, string>): Promise<string> {
  const since = Date.now();
  const child = startGroup(folder, script, { ...store('STORE', 'store'), ...env });
  let out = '';
  child.stdout?.on('data', (data) => {
    out += data;
  });
  let err = '';
  child.stderr?.on('data', (data) => {
    err += data;
  });
  const mebibytes = await peakMemory(child);
  console.log(`${script} with ${RUNS} runs: ${(Date.now() - since) / 1000} s, ${mebibytes} MiB`);
  expect(child.exitCode, err).toBe(0);
  // What the containers that run rclone ask for; their limit is four times that.
  expect(mebibytes).toBeLessThan(256);
  return out;
}

it('a verification finds the newest of ten thousand runs in bearable time and memory', async () => {
  expect(await measured('fetch-latest.sh', { TIERS: `${PREFIX}=${3 * HOUR}` })).toContain(
    `${PREFIX}/${idOf(RUNS - 1)}`,
  );
}, 300_000);

it('a replication finds the one that the second store lacks among ten thousand runs', async () => {
  const env = { ...store('TARGET', 'second'), PREFIXES: `${PREFIX}=backup.json` };
  const out = await measured('replicate.sh', { ...env, BATCH: '50', BATCH_BYTES: '1000000', WAL_SECONDS: '86400' });
  expect(out).toContain('replicate: 1 folders committed');
}, 300_000);

it('a prune removes the expired ones among ten thousand runs, and no other', async () => {
  const expired = 5;
  const retention = (RUNS - expired) * HOUR + HOUR / 2;
  const out = await measured('prune.sh', { RULES: `${PREFIX}=${retention}:3`, ABANDONED_AFTER_SECONDS: '86400' });
  expect(out).toContain(`${RUNS} committed, ${expired} expired and removed`);
  expect(tree(join(folder, 'store/backups'))).toHaveLength(3 * (RUNS - expired));
}, 300_000);
