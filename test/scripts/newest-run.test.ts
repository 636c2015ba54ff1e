import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { newestRun } from '../cluster/soak/newest-run';
import { expectSuccess } from './faults/stored';
import { own, podFolder, run } from './support';

const folder = podFolder('store');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EARLIER = '20260102T030405Z';
const LATER = '20260102T030406Z';
const DECADES = 1_000_000_000;
const MARKER = `{\n  "files": [\n    {"name": "data", "bytes": 1, "sha256": "${'0'.repeat(64)}"}\n  ]\n}\n`;

it.each([
  ['the newest of all tiers', [`daily/${EARLIER}`, `hourly/${LATER}`], `hourly/${LATER}`],
  ['the newest of one tier', [`daily/${LATER}`, `daily/${EARLIER}`, `hourly/${EARLIER}`], `daily/${LATER}`],
  [
    'of two that were captured in one second, that of the first tier',
    [`hourly/${LATER}`, `daily/${LATER}`],
    `daily/${LATER}`,
  ],
])('a verification takes %s, and the soak knows it', (_, runs, expected) => {
  const store = join(folder, 'store');
  rmSync(store, { recursive: true });
  for (const one of runs) {
    mkdirSync(join(store, one), { recursive: true });
    writeFileSync(join(store, one, 'backup.json'), MARKER);
    writeFileSync(join(store, one, 'data'), 'x');
  }
  own(folder);
  const tiers = ['daily', 'hourly'];
  const outcome = run(folder, 'fetch-latest.sh', {
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: folder,
    STORE: 'store:store',
    TIERS: tiers.map((tier) => `${tier}=${DECADES}`).join(' '),
  });
  expectSuccess(outcome);
  expect(readFileSync(join(folder, 'work/run/source'), 'utf8').trim()).toBe(expected);
  expect(newestRun(tiers, runs)).toBe(expected);
});
