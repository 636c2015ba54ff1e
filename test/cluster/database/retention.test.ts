import { beforeAll, describe, expect, it } from 'vitest';
import { dump, dumpsOf, tierOf } from '../support/dumps';
import { runToSuccess } from '../support/jobs';
import { committedIds, runIds } from '../support/runs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const database = databaseOf(NEXTGEN);
const { prune } = dumpsOf(database);
const daily = tierOf(database, 'daily');
const hourly = tierOf(database, 'hourly');
const OLD = ['20240111T020000Z', '20240112T020000Z', '20240113T020000Z', '20240114T020000Z'] as const;

describe('the prune job', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await store.removeAll(daily.prefix);
    await store.removeAll(hourly.prefix);
  });

  it('keeps the floor of newest committed runs whatever their age, and removes the rest that has expired', async () => {
    const fresh = await dump(database, store, daily);
    for (const id of OLD) {
      await store.copy(`${daily.prefix}/${fresh}`, `${daily.prefix}/${id}`);
    }
    const log = await runToSuccess(database.namespace, prune.jobName);
    const kept = [...OLD, fresh].slice(-daily.keepAtLeast);
    expect(await committedIds(store, daily)).toEqual(kept);
    expect(await runIds(store, daily)).toEqual(kept);
    expect(log).toContain(`prune: ${daily.prefix}: 5 committed, ${5 - daily.keepAtLeast} expired and removed`);
  });

  it('never lets an uncommitted run count for the floor, and removes it once it is litter', async () => {
    const [expired = '', ...good] = await committedIds(store, daily);
    const litter = '20240116T020000Z';
    await store.write(`${daily.prefix}/${litter}/database.tar.gpg`, 'half an upload');
    await runToSuccess(database.namespace, prune.jobName);
    expect(await runIds(store, daily)).toEqual([expired, ...good]);
  });

  it('touches nothing that is not a run of its tier', async () => {
    await store.write(`${daily.prefix}/notes.txt`, 'somebody else wrote this');
    await store.write('elsewhere/20200101T000000Z/backup.json', '{}');
    await runToSuccess(database.namespace, prune.jobName);
    expect(await store.list('elsewhere')).toHaveLength(1);
    expect((await store.read(`${daily.prefix}/notes.txt`)).toString()).toBe('somebody else wrote this');
    await store.remove(`${daily.prefix}/notes.txt`);
    await store.removeAll('elsewhere');
  });
});
