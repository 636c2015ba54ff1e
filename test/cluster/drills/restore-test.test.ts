import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dump, dumpsOf, tierOf } from '../support/dumps';
import { kubectl } from '../support/kubectl';
import { PASSPHRASE } from '../support/provide';
import { failed, passed } from '../support/reports';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const [restoreTest] = NEXTGEN.plan.drills.restoreTests;
if (restoreTest === undefined) {
  throw new Error('the reference config rehearses the restore of dumps');
}
const sealing = NEXTGEN.plan.encryption.passphraseSecret;

async function setPassphrase(namespace: string, value: string): Promise<void> {
  const patch = JSON.stringify({ stringData: { [sealing?.key ?? '']: value } });
  await kubectl(['patch', 'secret', sealing?.secretName ?? '', '-n', namespace, '--type=merge', '-p', patch]);
}

describe('the restore test', () => {
  const database = databaseOf(NEXTGEN);
  const daily = tierOf(database, 'daily');
  const hourly = tierOf(database, 'hourly');
  let store: Store;
  let key: string;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await store.removeAll(daily.prefix);
    await store.removeAll(hourly.prefix);
    key = `${daily.prefix}/${await dump(database, store, daily)}`;
  });
  afterEach(() => setPassphrase(database.namespace, PASSPHRASE));

  it('restores a dump in full, and stores a report with its checks, its tables and the time it took', async () => {
    const report = await passed(store, restoreTest);
    expect(report).toMatchObject({ drill: 'restore-test', status: 'passed', source: key, rto: 'met' });
    expect(report.parts.map(({ name }) => name)).toEqual(['fetch', 'unseal', 'verify']);
    expect(report.checks.map(({ name, result }) => `${result} ${name}`)).toEqual(
      ['corruption', ...dumpsOf(database).verification.checks.map(({ name }) => name)].map((name) => `passed ${name}`),
    );
    // Suites before this one may have left tables of their own.
    expect(report.tables.map(({ name, rows }) => [name, rows])).toEqual(
      expect.arrayContaining([
        ['public.invoices', 3000],
        ['public.events', 2000],
        ['public.users', 501],
      ]),
    );
    expect(report.text).toMatch(/^Restore Test: .*\nStatus: PASSED\n/);
  });

  it('with a wrong key fails, and its report says so', async () => {
    await setPassphrase(database.namespace, 'not the one');
    const report = await failed(store, restoreTest);
    expect(report.failure).toMatch(/^unseal: .*cannot be opened: wrong key or damaged$/);
    expect(report.text).toContain('Status: FAILED\nFailure: unseal: ');
    expect(report.log).toContain('error: unseal: ');
  });

  it('of a damaged dump fails, and its report names the file', async () => {
    const file = `${key}/database.tar.gpg`;
    const bytes = await store.read(file);
    await store.write(file, bytes.subarray(0, bytes.length - 1000));
    try {
      expect((await failed(store, restoreTest)).failure).toMatch(
        /^unseal: database\.tar\.gpg has \d+ bytes, its marker says \d+$/,
      );
    } finally {
      await store.write(file, bytes);
    }
  });
});
