import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { type DisasterRecoveryConfig, ObjectStorage } from '../../lib';
import { variants } from '../support/configs';
import { type Account, LockingStore } from './locking-store';
import { StepEnvironments } from './step-environment';
import { type Outcome, own, podFolder, run, tree } from './support';
import { asPostgres, RCLONE, tool } from './tools';

const PORT = 28_174;
const BUCKET = 'nextgen-backups';
const DAY = 86_400_000;
const PAGE = readFileSync('docs/lifecycle.md', 'utf8');

/** What the jobs' Secret holds. */
const job: Account = { access: 'jobs', secret: 'secret-of-the-jobs' };
const secrets = { 'access-key': job.access, 'secret-key': job.secret };
const SHIP = ['postgres-backup', 'ship'] as const;
const PRUNE = ['postgres-backup-prune', 'prune'] as const;
const FETCH = ['postgres-backup-verify', 'fetch'] as const;
const PREFIX = 'postgres/daily';

let store: LockingStore;
let steps: StepEnvironments;
let folder = '';

/** The reference config on the store, with the period that the docs recommend. */
function configOn(endpoint: string): DisasterRecoveryConfig {
  return {
    ...(variants['s3-compatible'] ?? nextgen),
    storage: ObjectStorage.s3({
      bucket: BUCKET,
      region: 'us-east-1',
      endpoint,
      accessKeys: { secretName: 's3-credentials' },
      immutableDays: lockInDocs().Days,
    }),
  };
}

/** The lines of a block of the page. */
function block(heading: string, language: string): string {
  const section = PAGE.split(`### ${heading}\n`)[1] ?? '';
  const lines = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(section)?.[1];
  if (lines === undefined) {
    throw new Error(`docs/lifecycle.md has no ${language} below ${heading}`);
  }
  return lines;
}

function lockInDocs(): { readonly Mode: string; readonly Days: number } {
  const [, given = ''] = /'(\{"ObjectLockEnabled".*\})'/.exec(block('S3 Object Lock', 'sh')) ?? [];
  return JSON.parse(given).Rule.DefaultRetention;
}

/** The rights that the docs give to the jobs, as a policy of the bucket. */
function policyInDocs(): string {
  const policy = JSON.parse(block('S3 Object Lock', 'json'));
  const Statement = policy.Statement.map((one: object) => ({ ...one, Principal: { AWS: [job.access] } }));
  return JSON.stringify({ ...policy, Statement });
}

/** Makes an empty bucket as the docs say; without the lock it keeps versions all the same. */
function makeBucket(on: LockingStore, locked = true): void {
  on.administer('PUT', BUCKET, undefined, locked ? ['x-amz-bucket-object-lock-enabled: true'] : []);
  if (locked) {
    const { Mode, Days } = lockInDocs();
    on.administer('PUT', `${BUCKET}?object-lock=`, lock(Mode, Days));
  } else {
    on.administer('PUT', `${BUCKET}?versioning=`, versioning('Enabled'));
  }
  on.administer('PUT', `${BUCKET}?policy=`, policyInDocs());
}

function lock(mode: string, days: number): string {
  return `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>${mode}</Mode><Days>${days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`;
}

const versioning = (status: string): string =>
  `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;

/** A step of a job, with the environment of its manifest; images bring the certificates that they trust. */
function step([cronJob, name]: readonly [string, string], script: string, env: Record<string, string> = {}): Outcome {
  const { PUSH_URL: _, ...given } = steps.of(cronJob, name);
  return run(folder, script, { ...given, RCLONE_CA_CERT: store.authority, ...env });
}

function succeed(outcome: Outcome): Outcome {
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  return outcome;
}

const seal = (): Record<string, string> => ({
  ...steps.of('postgres-backup', 'seal'),
  SEAL_PASSPHRASE_FILE: join(folder, 'passphrase'),
});

/** Captures some bytes, seals and ships them as the daily job does. */
function backUp(id: string, content = `data of ${id}`): void {
  const at = (path: string): string => join(folder, 'work', path);
  mkdirSync(at('run'), { recursive: true });
  mkdirSync(at('capture'), { recursive: true });
  writeFileSync(at('run/id'), `${id}\n`);
  writeFileSync(at('run/started'), `${new Date().toISOString().slice(0, 19)}Z\n`);
  writeFileSync(at('run/tools'), 'pg_dump=17.6\n');
  writeFileSync(at('capture/database'), content);
  own(folder);
  succeed(run(folder, 'seal.sh', seal()));
  succeed(step(SHIP, 'ship.sh'));
}

/** Opens a fetched run and returns what was captured. */
function opened(): string {
  succeed(run(folder, 'unseal.sh', seal()));
  return readFileSync(join(folder, 'work/restored/database'), 'utf8');
}

/** Lines typed in a shell with the credentials of the jobs, and nothing else: by whoever is on call, or has stolen them. */
function type(lines: string): Outcome {
  const { PUSH_URL: _, PUSH_REPORT: __, ...environment } = steps.of(...SHIP);
  const result = spawnSync(asPostgres()[0] ?? '', [...asPostgres().slice(1), tool('dash'), '-eu', '-c', lines], {
    encoding: 'utf8',
    cwd: folder,
    env: {
      ...environment,
      PATH: `${RCLONE.path}:/usr/bin:/bin`,
      HOME: folder,
      RCLONE_CONFIG: '/dev/null',
      RCLONE_CA_CERT: store.authority,
    },
  });
  return { code: result.status ?? 255, out: result.stdout, err: result.stderr };
}

const NOW = `store:${BUCKET}`;

/** Keys that a listing shows. */
function visible(): string[] {
  return succeed(type(`rclone lsf --recursive --files-only ${NOW}/${PREFIX}`))
    .out.trim()
    .split('\n')
    .sort();
}

/** A version of an object. */
interface Version {
  readonly key: string;
  readonly id: string;
}

/** Every version that the store has, without delete markers, oldest first. */
function versions(of: LockingStore = store): Version[] {
  const listed = of.administer('GET', `${BUCKET}?versions=`);
  return [...listed.matchAll(/<Version>(.*?)<\/Version>/gs)]
    .map(([, fields = '']) => ({
      key: /<Key>(.*?)<\/Key>/.exec(fields)?.[1] ?? '',
      id: /<VersionId>(.*?)<\/VersionId>/.exec(fields)?.[1] ?? '',
    }))
    .reverse();
}

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString().replace(/[-:]|\.\d+/g, '');
const FILES = ['backup.json', 'database.gpg'];

beforeEach(async () => {
  store = await LockingStore.start(PORT, [job]);
  makeBucket(store);
  steps = new StepEnvironments(configOn(store.endpoint), { ...secrets, passphrase: '' });
  folder = podFolder();
  writeFileSync(join(folder, 'passphrase'), 'correct horse battery staple');
});

afterEach(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a bucket that is locked as the docs say', () => {
  it('takes a run of the dump job, which commits, and protects every object of it', () => {
    backUp('20260101T000000Z');
    expect(visible()).toEqual(FILES.map((file) => `20260101T000000Z/${file}`));
    const stored = versions();
    expect(stored.map(({ key }) => key).sort()).toEqual(FILES.map((file) => `${PREFIX}/20260101T000000Z/${file}`));
    for (const { key, id } of stored) {
      expect(store.request(store.owner, 'DELETE', `${BUCKET}/${key}?versionId=${id}`)).toMatchObject({
        status: 403,
        body: expect.stringContaining('object lock'),
      });
    }
  });

  it('gives the run to the verification, which opens it', () => {
    backUp(daysAgo(0.01), 'rows and rows');
    succeed(step(FETCH, 'fetch-latest.sh', { TIERS: `${PREFIX}=7200` }));
    expect(opened()).toBe('rows and rows');
  });

  it('lets the prune job hide what has expired, keeps its versions, and shows it to no job any more', () => {
    const ids = [44, 43, 42, 41, 40].map(daysAgo);
    for (const id of ids) {
      backUp(id);
    }
    const { RULES } = steps.of(...PRUNE);
    expect(RULES).toContain(`${PREFIX}=${30 * 86_400}:3`);
    const pruned = succeed(step(PRUNE, 'prune.sh'));
    expect(pruned.out).toContain(`prune: ${PREFIX}: 5 committed, 2 expired and removed, 0 abandoned and removed`);
    expect(new Set(visible().map((key) => key.split('/')[0]))).toEqual(new Set(ids.slice(2)));
    expect(versions()).toHaveLength(ids.length * FILES.length);
    expect(succeed(step(PRUNE, 'prune.sh')).out).toContain(`prune: ${PREFIX}: 3 committed, 0 expired`);
    succeed(step(FETCH, 'fetch-run.sh', { PREFIXES: PREFIX, NOT_AFTER: '' }));
    expect(opened()).toBe(`data of ${ids[4]}`);
  }, 120_000);

  it('loses no version to the credentials of the jobs, nor to the owner of the account', () => {
    backUp('20260101T000000Z');
    const before = versions();
    expect(steps.of(...PRUNE)).toMatchObject({
      RCLONE_CONFIG_STORE_ACCESS_KEY_ID: job.access,
      RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: job.secret,
    });
    for (const { key, id } of before) {
      const path = `${BUCKET}/${key}?versionId=${id}`;
      for (const headers of [[], ['x-amz-bypass-governance-retention: true']]) {
        const refused = store.request(job, 'DELETE', path, undefined, headers);
        expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('AccessDenied') });
        // The lock would refuse it too; here it is the rights that do.
        expect(refused.body).not.toContain('object lock');
        expect(store.request(store.owner, 'DELETE', path, undefined, headers)).toMatchObject({
          status: 403,
          body: expect.stringContaining('object lock'),
        });
      }
    }
    expect(type(`rclone backend cleanup-hidden ${NOW} && rclone delete --s3-versions ${NOW}`).code).not.toBe(0);
    expect(versions()).toEqual(before);
  });

  it('keeps the lock, the versions and its policy whatever the jobs’ credentials ask for', () => {
    backUp('20260101T000000Z');
    const [{ key, id }] = versions() as [Version];
    const retention = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${new Date(Date.now() + 60_000).toISOString()}</RetainUntilDate></Retention>`;
    const ways = [
      ['PUT', '?object-lock=', lock('GOVERNANCE', 1)],
      ['PUT', '?versioning=', versioning('Suspended')],
      ['PUT', '?policy=', policyInDocs()],
      ['DELETE', '?policy=', undefined],
      ['PUT', `/${key}?retention=`, retention],
      ['DELETE', '', undefined],
    ] as const;
    for (const [method, path, body] of ways) {
      expect(store.request(job, method, `${BUCKET}${path}`, body), `${method} ${path}`).toMatchObject({
        status: 403,
        body: expect.stringContaining('AccessDenied'),
      });
    }
    expect(store.request(store.owner, 'PUT', `${BUCKET}?versioning=`, versioning('Suspended')).body).toContain(
      'InvalidBucketState',
    );
    expect(store.request(store.owner, 'DELETE', `${BUCKET}/${key}?versionId=${id}`).status).toBe(403);
  });

  it('has the first bytes of an object that was written over, under their version', () => {
    backUp('20260101T000000Z');
    const key = `${PREFIX}/20260101T000000Z/database.gpg`;
    const { id } = versions().find((version) => version.key === key) ?? { id: '' };
    const first = succeed(type(`rclone cat ${NOW}/${key} | sha256sum`)).out;
    succeed(type(`printf ransom | rclone rcat ${NOW}/${key}`));
    expect(succeed(type(`rclone cat ${NOW}/${key}`)).out).toBe('ransom');
    expect(versions().filter((version) => version.key === key)).toHaveLength(2);
    const [sum = ''] = first.split(' ');
    const marker = succeed(type(`rclone cat ${NOW}/${PREFIX}/20260101T000000Z/backup.json`)).out;
    expect(marker).toContain(sum);
    const old = store.request(job, 'GET', `${BUCKET}/${key}?versionId=${id}`);
    expect(createHash('sha256').update(old.body, 'latin1').digest('hex')).toBe(sum);
  });
});

describe('after somebody with the jobs’ credentials has deleted and overwritten all there was', () => {
  const ids = ['20260101T000000Z', '20260102T000000Z'];
  let before: string;
  let keys: string[];

  beforeEach(async () => {
    for (const id of ids) {
      backUp(id);
    }
    keys = visible();
    await pause(1100);
    before = new Date().toISOString();
    await pause(1100);
    succeed(type(`rclone purge ${NOW}/${PREFIX}/${ids[0]}`));
    for (const file of FILES) {
      succeed(type(`printf ransom | rclone rcat ${NOW}/${PREFIX}/${ids[1]}/${file}`));
    }
    succeed(type(`printf ransom | rclone rcat ${NOW}/${PREFIX}/20260103T000000Z/backup.json`));
    store.correctTimes(BUCKET);
    expect(visible()).toEqual([...FILES.map((file) => `${ids[1]}/${file}`), '20260103T000000Z/backup.json']);
  });

  it('the commands of the docs bring every object back, and name what somebody has added', () => {
    const lines = block('When backups were deleted or overwritten', 'sh');
    expect(lines).toContain('AT=2026-01-15T14:30:00Z\n');
    const pasted = succeed(type(lines.replace('2026-01-15T14:30:00Z', before)));
    const [count, ...added] = pasted.out.trim().split('\n');
    expect(Number(count)).toBe(keys.length);
    expect(added).toEqual([`${PREFIX}/20260103T000000Z/backup.json`]);
    expect(pasted.err).toContain('0 differences found');
    expect(visible()).toEqual([...keys, '20260103T000000Z/backup.json']);
    for (const id of ids) {
      succeed(step(FETCH, 'fetch-run.sh', { PREFIXES: PREFIX, NOT_AFTER: id }));
      expect(opened()).toBe(`data of ${id}`);
    }
  });

  it('a restore with the variable of the docs sees the store as it was', () => {
    const [, variable = ''] = /`(RCLONE_CONFIG_STORE_\w+)`/.exec(PAGE) ?? [];
    const fetch = (env: Record<string, string>): Outcome =>
      step(FETCH, 'fetch-run.sh', { PREFIXES: PREFIX, NOT_AFTER: '', ...env });
    expect(fetch({})).toMatchObject({ code: 1, err: expect.stringContaining('lists no files') });
    succeed(fetch({ [variable]: before }));
    expect(tree(join(folder, 'work/backup'))).toEqual(FILES);
    expect(opened()).toBe(`data of ${ids[1]}`);
  });
});

describe('without the lock', () => {
  it('the same credentials hide, and whoever owns the account deletes for good', () => {
    store.administer('DELETE', `${BUCKET}?policy=`);
    store.administer('DELETE', BUCKET);
    makeBucket(store, false);
    backUp('20260101T000000Z');
    const before = versions();
    succeed(type(`rclone purge ${NOW}/${PREFIX}`));
    expect(versions()).toEqual(before);
    for (const { key, id } of before) {
      expect(store.request(store.owner, 'DELETE', `${BUCKET}/${key}?versionId=${id}`).status).toBe(204);
    }
    expect(versions()).toEqual([]);
  });
});

describe('a store that refuses deletions, since it keeps no versions', () => {
  beforeEach(async () => {
    await store.stop();
    store = await LockingStore.start(PORT, [job], { versions: false });
    makeBucket(store);
  });

  it('makes prune fail and name in one line what it could not remove, with everything still there', () => {
    const ids = [44, 43, 42, 41].map(daysAgo);
    for (const id of ids) {
      backUp(id);
    }
    const before = visible();
    const pruned = step(PRUNE, 'prune.sh', { RCLONE_RETRIES: '1' });
    expect(pruned.code).toBe(1);
    expect(pruned.err.match(/^error: .*/gm)).toEqual([`error: cannot remove the marker of ${PREFIX}/${ids[0]}`]);
    expect(visible()).toEqual(before);
  }, 120_000);

  it('refuses to write a key again', () => {
    backUp('20260101T000000Z');
    const key = `${NOW}/${PREFIX}/20260101T000000Z/database.gpg`;
    expect(type(`printf ransom | rclone rcat --retries 1 ${key}`)).toMatchObject({ code: 1 });
    expect(succeed(type(`rclone cat ${key}`)).out).not.toBe('ransom');
  });
});

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
