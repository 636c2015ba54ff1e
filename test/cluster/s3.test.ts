import { beforeAll, describe, expect, it } from 'vitest';
import { until } from './machine/run';
import { archiveSegment, baseBackup } from './support/archive';
import { EVERY_ROW, query } from './support/database';
import { dump, dumpsOf, RUN_FILES, tierOf } from './support/dumps';
import { runToSuccess } from './support/jobs';
import { get, waitForField } from './support/kubectl';
import { openByHand } from './support/open-by-hand';
import { committedIds } from './support/runs';
import { databaseOf, ready, S3, suspend } from './support/site';
import { Store } from './support/store';

const database = databaseOf(S3);
const { name, namespace } = database;
const hourly = tierOf(database, 'hourly');

describe('the reference config on an S3-compatible store', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(S3);
    store = await Store.open(S3.plan.storage);
  });

  it('archives WAL and base backups under the planned path', async () => {
    await archiveSegment(database, store);
    await baseBackup(database, store);
  });

  it('dumps on schedule: the CronJob controller starts a run by itself, and it commits', async () => {
    await suspend([{ namespace, name: hourly.jobName }], false);
    try {
      await until(
        'scheduled run',
        180,
        async () => ((await committedIds(store, hourly)).length > 0 ? '' : 'none committed'),
        2000,
      );
    } finally {
      await suspend([{ namespace, name: hourly.jobName }], true);
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
    expect(await runToSuccess(namespace, prune.jobName)).toMatch(
      new RegExp(`prune: ${daily.prefix}: [1-9]\\d* committed, 0 expired and removed`),
    );
  });

  it('is one instance under the planned name', async () => {
    expect((await get('cluster', name, namespace)).status.readyInstances).toBe(1);
  });
});
