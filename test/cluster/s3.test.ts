import { beforeAll, describe, expect, it } from 'vitest';
import { until } from './machine/run';
import { EVERY_ROW, query } from './support/database';
import { committedIds, dump, dumpsOf, RUN_FILES, tierOf } from './support/dumps';
import { runToSuccess } from './support/jobs';
import { get, kubectl, waitForField } from './support/kubectl';
import { openByHand } from './support/open-by-hand';
import { ready, S3 } from './support/site';
import { Store } from './support/store';

const [database] = S3.plan.databases;
if (database === undefined) {
  throw new Error('the S3 variant has no database');
}
const { archive, name, namespace, path } = database;
const hourly = tierOf(database, 'hourly');

describe('the reference config on an S3-compatible store', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(S3);
    store = await Store.open(S3.plan.storage);
  });

  it('archives WAL and base backups under the planned path', async () => {
    const segment = await query(database, 'SELECT pg_walfile_name(pg_switch_wal())');
    await until(`segment ${segment} in the store`, 60, async () => {
      const keys = await store.list(`${path}/${archive.serverName}/wals`);
      return keys.some((key) => key.includes(segment)) ? '' : 'missing';
    });
    await until(
      'base backup',
      240,
      async () => {
        const keys = await store.list(`${path}/${archive.serverName}/base`);
        return keys.some((key) => key.endsWith('/backup.info')) ? '' : 'missing';
      },
      2000,
    );
  });

  it('dumps on schedule: the CronJob controller starts a run by itself, and it commits', async () => {
    await kubectl([
      'patch',
      'cronjob',
      hourly.jobName,
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"spec":{"suspend":false}}',
    ]);
    try {
      await until(
        'scheduled run',
        180,
        async () => ((await committedIds(store, hourly)).length > 0 ? '' : 'none committed'),
        2000,
      );
    } finally {
      await kubectl([
        'patch',
        'cronjob',
        hourly.jobName,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        '{"spec":{"suspend":true}}',
      ]);
    }
    const cronJob = await get('cronjob', hourly.jobName, namespace);
    expect(cronJob.status.lastScheduleTime).toBeDefined();
    await waitForField('cronjob', hourly.jobName, namespace, '.status.active', '', 120);
    const [id] = await committedIds(store, hourly);
    expect(await store.list(`${hourly.prefix}/${id}`)).toEqual(
      RUN_FILES.map((file) => `${hourly.prefix}/${id}/${file}`),
    );
  });

  it('holds the database row for row, verifies and prunes', async () => {
    const daily = tierOf(database, 'daily');
    const id = await dump(database, store, daily);
    expect(await openByHand(store, `${daily.prefix}/${id}`, EVERY_ROW)).toBe(await query(database, EVERY_ROW));
    const { verification, prune } = dumpsOf(database);
    expect(await runToSuccess(namespace, verification.jobName)).toContain(
      `verification of ${daily.prefix}/${id}: passed`,
    );
    expect(await runToSuccess(namespace, prune.jobName)).toContain(
      `prune: ${daily.prefix}: 1 committed, 0 expired and removed`,
    );
  });
  it('is a Cluster of the planned name', async () => {
    expect((await get('cluster', name, namespace)).status.readyInstances).toBe(1);
  });
});
