import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig } from '../../lib';
import { ObjectStorage } from '../../lib';
import { find, objectsIn, render } from '../support/render';
import type { Behaviour, Pushed } from './pushgateway';
import { FakePushgateway } from './pushgateway';
import type { Outcome } from './support';
import { own, podFolder, run, tree } from './support';

/** What the manifests give to the step. */
function given(config: DisasterRecoveryConfig): Record<string, string> {
  const job = find(objectsIn(render(config)), 'CronJob', 'backup-store-probe');
  const [step] = job.spec.jobTemplate.spec.template.spec.containers;
  const values = step.env.map(({ name, value }: { name: string; value?: string }) => [name, value]);
  return Object.fromEntries(
    values.filter(([name, value]: string[]) => value !== undefined && !/^(RCLONE|HOME|WORK)/.test(name ?? '')),
  );
}

const environment = given(nextgen);
const path = new URL(environment.PUSH_URL ?? '').pathname;
const WALS = 'postgres/nextgen-postgres/wals';
const DAILY = 'site="nextgen",namespace="production",asset_kind="database",asset="nextgen-postgres",tier="daily"';
const WAL = DAILY.replace('daily', 'wal');
const STREAM = 'site="nextgen",namespace="kube-system",asset_kind="etcd",asset="etcd",tier="stream"';
const seconds = (text: string): string => String(Date.parse(text) / 1000);

let folder = '';
let gateway: FakePushgateway;

/** Writes an object, stored at a time. */
function put(key: string, at = '2026-01-01T00:00:00Z'): void {
  const file = join(folder, 'store/backups', key);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'x');
  utimesSync(file, new Date(at), new Date(at));
}

function commit(prefix: string, id: string): void {
  put(`${prefix}/${id}/data.gpg`);
  put(`${prefix}/${id}/backup.json`);
}

async function listen(behaviour?: Behaviour): Promise<void> {
  gateway?.stop();
  gateway = await FakePushgateway.start(folder, behaviour);
}

function probe(env: Record<string, string> = {}): Outcome {
  own(folder);
  return run(folder, 'probe-store.sh', {
    ...environment,
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
    RCLONE_RETRIES: '1',
    RCLONE_LOW_LEVEL_RETRIES: '1',
    PUSH_URL: `${gateway.url}${path}`,
    ...env,
  });
}

/** What the Pushgateway has heard: values by series, without the prefix that all have. */
async function heard(): Promise<Record<string, string>> {
  const groups = await gateway.groups();
  expect(Object.keys(groups)).toEqual(['job/cdk8s-dr/site/nextgen/store/nextgenbackups-backups']);
  const metrics = Object.entries(groups)[0]?.[1] ?? {};
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, { samples }]: [string, Pushed]) =>
      Object.entries(samples).map(([labels, value]) => [`${name.replace('backup_store_', '')}${labels}`, value]),
    ),
  );
}

const newest = async (labels: string): Promise<string | undefined> =>
  (await heard())[`newest_timestamp_seconds{${labels}}`];

beforeEach(async () => {
  folder = podFolder('store/backups');
  await listen();
});
afterEach(() => {
  gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a look into the store', () => {
  it('reports that it answered, since when, how long it took, and the newest committed run of each tier', async () => {
    for (const id of ['20260113T020000Z', '20260115T020000Z', '20260114T020000Z']) {
      commit('postgres/daily', id);
    }
    commit('etcd/stream', '20260115T143000Z');
    const before = Math.floor(Date.now() / 1000);
    const outcome = probe();
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    const { up, last_look_timestamp_seconds: looked, probe_duration_seconds: took, ...rest } = await heard();
    expect(up).toBe('1');
    expect(Number(looked)).toBeGreaterThanOrEqual(before);
    expect(Number(looked) + Number(took)).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
    const some = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '0'));
    expect(some).toEqual({
      [`newest_timestamp_seconds{${DAILY}}`]: seconds('2026-01-15T02:00:00Z'),
      [`newest_timestamp_seconds{${STREAM}}`]: seconds('2026-01-15T14:30:00Z'),
    });
  });

  it('does not count a run without its marker, however new, nor what is no run', async () => {
    commit('postgres/daily', '20260113T020000Z');
    put('postgres/daily/20260115T020000Z/database.tar.gpg');
    put('postgres/daily/20260116T020000Z/not-backup.json');
    put('postgres/daily/latest/backup.json');
    put('postgres/daily/20260117T020000Z.bak/backup.json');
    expect(probe().code).toBe(0);
    expect(await newest(DAILY)).toBe(seconds('2026-01-13T02:00:00Z'));
  });

  it('reports when the newest WAL arrived, of the newest timeline, and nothing of other folders', async () => {
    put(`${WALS}/0000000100000009/000000010000000900000001.gz`, '2026-01-15T10:00:00Z');
    put(`${WALS}/0000000200000001/000000020000000100000001.gz`, '2026-01-15T14:00:00Z');
    put(`${WALS}/0000000200000001/000000020000000100000002.gz`, '2026-01-15T14:07:13Z');
    put(`${WALS}/0000000200000001/000000020000000100000000.gz`, '2026-01-15T14:05:00Z');
    put(`${WALS}/00000002.history`, '2026-01-16T00:00:00Z');
    put(`${WALS}/zzz/000000020000000100000003.gz`, '2026-01-17T00:00:00Z');
    expect(probe().code).toBe(0);
    expect(await newest(WAL)).toBe(seconds('2026-01-15T14:07:13Z'));
  });

  it('of an empty store says that it answered, and that there is nothing', async () => {
    expect(probe()).toMatchObject({ code: 0, err: '' });
    const { up, last_look_timestamp_seconds: _, probe_duration_seconds: __, ...rest } = await heard();
    expect(up).toBe('1');
    expect(Object.keys(rest)).toHaveLength(7);
    expect(new Set(Object.values(rest))).toEqual(new Set(['0']));
  });

  it('reports that what the last one found is gone', async () => {
    commit('postgres/daily', '20260113T020000Z');
    commit('etcd/stream', '20260115T143000Z');
    expect(probe().code).toBe(0);
    rmSync(join(folder, 'store/backups/postgres'), { recursive: true });
    expect(probe().code).toBe(0);
    expect(await newest(DAILY)).toBe('0');
    expect(await newest(STREAM)).toBe(seconds('2026-01-15T14:30:00Z'));
  });

  it('changes nothing in the store', () => {
    commit('postgres/daily', '20260113T020000Z');
    put('postgres/daily/20260115T020000Z/database.tar.gpg');
    const before = tree(join(folder, 'store'));
    expect(probe().code).toBe(0);
    expect(tree(join(folder, 'store'))).toEqual(before);
  });

  it('looks for everything that the plan watches, below the prefixes that are written', () => {
    expect((environment.WATCHED ?? '').split(' ')).toEqual([
      'runs:postgres/daily',
      'runs:postgres/hourly',
      expect.stringMatching(/^runs:volumes\/data/),
      'runs:etcd/snapshots',
      'runs:etcd/stream',
      expect.stringMatching(/^runs:config/),
      `wal:${WALS}`,
    ]);
  });
});

describe('a store that does not answer', () => {
  const nowhere = {
    RCLONE_CONFIG_STORE_TYPE: 's3',
    RCLONE_CONFIG_STORE_PROVIDER: 'Other',
    RCLONE_CONFIG_STORE_ACCESS_KEY_ID: 'a',
    RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: 'b',
  };

  it('is reported as such, and what was found before stays; the run fails and says why', async () => {
    commit('postgres/daily', '20260113T020000Z');
    expect(probe().code).toBe(0);
    const before = await heard();
    const outcome = probe({ ...nowhere, RCLONE_CONFIG_STORE_ENDPOINT: 'http://127.0.0.1:9' });
    expect(outcome).toMatchObject({
      code: 1,
      err: expect.stringContaining('error: the store does not answer: cannot list store:backups/postgres/daily'),
    });
    const { up, probe_duration_seconds: _, ...rest } = await heard();
    expect(up).toBe('0');
    expect(before).toMatchObject(rest);
    expect(Object.keys(rest)).toHaveLength(8);
  });

  it('in time is reported as such: it is not waited for', async () => {
    const hanging = await FakePushgateway.start(folder, 'hang');
    try {
      const begin = Date.now();
      const endpoint = { RCLONE_CONFIG_STORE_ENDPOINT: hanging.url };
      expect(probe({ ...nowhere, ...endpoint, ANSWER_SECONDS: '2' }).code).toBe(1);
      expect(Date.now() - begin).toBeLessThan(10_000);
    } finally {
      hanging.stop();
    }
    expect(await heard()).toMatchObject({ up: '0' });
  });
});

describe('a Pushgateway that does not listen', () => {
  it('fails no look', async () => {
    await listen('refuse');
    const outcome = probe();
    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain('did not take the report');
  });
});

describe('a shared access signature', () => {
  const storage = ObjectStorage.azureBlob({
    account: 'nextgenbackups',
    container: 'backups',
    sasToken: { secretName: 'sas' },
  });
  const signed = given({ ...nextgen, storage });
  const expiry = async (token: string): Promise<string | undefined> => {
    const outcome = probe({ ...signed, PUSH_URL: `${gateway.url}${path}`, STORE_SAS_TOKEN: token });
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
    expect(outcome.out).not.toContain('s3cret');
    return (await heard()).credential_expiry_timestamp_seconds;
  };

  it.each([
    ['sv=2024-11-04&ss=b&se=2026-12-31T23%3A59%3A59Z&sp=rl&sig=s3cret', '2026-12-31T23:59:59Z'],
    ['se=2026-12-31T23:59Z&sig=s3cret', '2026-12-31T23:59:00Z'],
    ['sig=s3cret&se=2026-12-31', '2026-12-31T00:00:00Z'],
  ])('%s says when it expires', async (token, time) => {
    expect(await expiry(token)).toBe(seconds(time));
  });

  it.each([
    ['without one, as one of a stored access policy', 'si=policy&sig=s3cret'],
    ['with one that nobody can read', 'se=tomorrow&sig=s3cret'],
    ['that only looks like one', 'rse=2026-12-31&sig=s3cret'],
  ])('%s: nothing is said, and the look goes on', async (_, token) => {
    expect(await expiry(token)).toBeUndefined();
    expect(await heard()).toMatchObject({ up: '1' });
  });

  it('is told from when the store does not answer, too', async () => {
    const env = {
      RCLONE_CONFIG_STORE_TYPE: 's3',
      RCLONE_CONFIG_STORE_PROVIDER: 'Other',
      RCLONE_CONFIG_STORE_ENDPOINT: 'http://127.0.0.1:9',
    };
    probe({ ...signed, ...env, PUSH_URL: `${gateway.url}${path}`, STORE_SAS_TOKEN: 'se=2026-12-31&sig=s3cret' });
    expect(await heard()).toMatchObject({
      up: '0',
      credential_expiry_timestamp_seconds: seconds('2026-12-31T00:00:00Z'),
    });
  });

  it('is asked for only where the store has one', () => {
    expect(environment.PUSH_REPORT).not.toContain('expiry');
    expect(signed.PUSH_REPORT).toContain('backup_store_credential_expiry_timestamp_seconds @expiry@');
  });
});

it('what is pushed has one HELP and one TYPE for each metric', () => {
  const lines = readReport().filter((line) => line.startsWith('# TYPE'));
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines).toHaveLength(4);
});

function readReport(): string[] {
  return (environment.PUSH_REPORT ?? '').split('\n');
}
