import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ObjectStoreServer } from '../object-store-server';
import { PostgresServer } from '../postgres-server';
import { FakePushgateway, reportOf } from '../pushgateway';
import { own, podFolder, run } from '../support';
import { workFolder } from '../tools';
import { type Aim, killAgainAndAgain, SEED, type Victim } from './kills';
import { expectSuccess } from './stored';

const PREFIX = 'shop/daily';
const ROWS = 8000;
const root = workFolder();
const server = new PostgresServer(root);
const folder = podFolder('checks');
let victim: Victim;
let store: ObjectStoreServer;

beforeAll(async () => {
  server.create();
  server.sql(
    'shop',
    `CREATE TABLE orders AS SELECT n AS id, md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text) AS v
       FROM generate_series(1, ${ROWS}) n;
     CREATE TABLE items AS SELECT * FROM orders`,
  );
  store = await ObjectStoreServer.start(root);
  const gateway = await FakePushgateway.start(root);
  writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
  mkdirSync(join(folder, 'checks'), { recursive: true });
  writeFileSync(join(folder, 'checks/01-orders.sql'), `SELECT count(*) = ${ROWS}, count(*)::text FROM orders`);
  own(folder);
  const { path, text } = reportOf('postgres-backup');
  const sealing = { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(folder, 'passphrase') };
  const report = { PUSH_URL: `${gateway.url}${path}`, PUSH_REPORT: text };
  victim = {
    folder,
    bucket: store.bucket,
    gateway,
    steps: [
      { script: 'dump.sh', env: server.environment },
      { script: 'seal.sh', env: { ASSET: 'shop', TIER: 'daily', ...sealing } },
      { script: 'ship.sh', env: { ...store.environment(), KEY_PREFIX: PREFIX, ...report } },
    ],
    slow: { RCLONE_BWLIMIT: '2M' },
    phases: {
      dump: /pg_dump --no-password/,
      roles: /pg_dumpall --no-password/,
      'read back': /pg_restore/,
      pack: /^tar |^gpg |\/gpg /,
      marker: /rclone (copy|check) .*\/work\/marker/,
      upload: /rclone copy .*\/work\/outbox/,
      proof: /rclone check .*\/work\/outbox/,
      report: /wget/,
    },
  };
}, 120_000);

afterAll(() => {
  victim.gateway.stop();
  store.stop();
  server.stop();
  rmSync(root, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

/** Restores the newest committed run in full, and counts. */
function verify(): void {
  const sealing = victim.steps[1]?.env ?? {};
  expectSuccess(
    run(folder, 'fetch-latest.sh', { ...store.environment(), TIERS: `${PREFIX}=3600` }),
    run(folder, 'unseal.sh', sealing),
    run(folder, 'verify.sh', { CHECKS_DIR: join(folder, 'checks'), CORRUPTION_CHECK: 'false', VERIFY_JOBS: '1' }),
  );
}

const AIMS: readonly Aim[] = [
  { script: 'dump.sh', phase: 'dump', kills: 12 },
  { script: 'dump.sh', phase: 'roles', kills: 3 },
  { script: 'dump.sh', phase: 'read back', kills: 3 },
  { script: 'seal.sh', kills: 4 },
  { script: 'seal.sh', phase: 'pack', kills: 8 },
  { script: 'ship.sh', kills: 4 },
  { script: 'ship.sh', phase: 'upload', kills: 6 },
  { script: 'ship.sh', phase: 'proof', kills: 5 },
  { script: 'ship.sh', phase: 'marker', kills: 5 },
];

it('fifty moments at least are drawn', () => {
  expect(AIMS.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(50);
});

it.each(AIMS)(
  `a dump that is killed at any moment loses nothing, and the next one restores (seed ${SEED}): %o`,
  async (aim) => {
    const hits = await killAgainAndAgain(victim, aim);
    console.log(`killed ${aim.script}: ${JSON.stringify(hits)}`);
    verify();
  },
  900_000,
);
