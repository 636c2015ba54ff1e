import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../support/database';
import { dump, dumpsOf, tierOf } from '../support/dumps';
import { runToFailure, runToSuccess } from '../support/jobs';
import { kubectl } from '../support/kubectl';
import { PASSPHRASE, provide } from '../support/provide';
import { committedIds, runIds } from '../support/runs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const database = databaseOf(NEXTGEN);
const { verification } = dumpsOf(database);
const daily = tierOf(database, 'daily');
const hourly = tierOf(database, 'hourly');

describe('the verification job', () => {
  let store: Store;
  /** The run that the job verifies: the newest committed one. */
  let newest: string;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await store.removeAll(daily.prefix);
    await store.removeAll(hourly.prefix);
    await dump(database, store, daily);
    newest = `${hourly.prefix}/${await dump(database, store, hourly)}`;
    await store.copy(daily.prefix, `kept/${daily.prefix}`);
    await store.copy(hourly.prefix, `kept/${hourly.prefix}`);
  });

  afterEach(async () => {
    await store.removeAll(daily.prefix);
    await store.removeAll(hourly.prefix);
    await store.copy(`kept/${daily.prefix}`, daily.prefix);
    await store.copy(`kept/${hourly.prefix}`, hourly.prefix);
  });

  afterAll(() => store.removeAll('kept'));

  const verify = async (): Promise<string> => {
    const reports = await store.list(verification.reportPrefix);
    const log = await runToFailure(database.namespace, verification.jobName);
    expect(await store.list(verification.reportPrefix)).toEqual(reports);
    return log;
  };

  it('restores the newest dump in full, runs every check and stores a report that says so', async () => {
    const before = await store.list(verification.reportPrefix);
    const log = await runToSuccess(database.namespace, verification.jobName);
    expect(log).toContain(`verification of ${newest}: passed`);
    const fresh = (await store.list(verification.reportPrefix)).filter((key) => !before.includes(key));
    expect(fresh.map((key) => key.split('/').at(-1))).toEqual(['report.json', 'report.txt']);
    const report = JSON.parse((await store.read(fresh[0] ?? '')).toString('utf8'));
    expect(report).toMatchObject({ status: 'passed', source: newest });
    expect(report.checks.map((check: { name: string; result: string }) => `${check.name} ${check.result}`)).toEqual(
      ['corruption', ...verification.checks.map(({ name }) => name)].map((name) => `${name} passed`),
    );
  });

  it('fails on a truncated object', async () => {
    const key = `${newest}/database.tar.gpg`;
    const bytes = await store.read(key);
    await store.write(key, bytes.subarray(0, bytes.length - 1000));
    expect(await verify()).toMatch(/error: database\.tar\.gpg .*bytes/);
  });

  it('fails on one flipped byte', async () => {
    const key = `${newest}/database.tar.gpg`;
    const bytes = await store.read(key);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await store.write(key, bytes);
    expect(await verify()).toMatch(/error: database\.tar\.gpg .*(checksum|sha256)/i);
  });

  it('fails on a missing object', async () => {
    await store.remove(`${newest}/globals.sql.gpg`);
    expect(await verify()).toContain(`error: ${newest} lacks globals.sql.gpg, which its marker lists`);
  });

  it('fails when a tier has no marker', async () => {
    await store.remove(`${newest}/backup.json`);
    expect(await verify()).toContain(`error: ${hourly.prefix} has no committed backup`);
  });

  it('fails when the newest backup of a tier is stale, though another tier is fresh', async () => {
    const [id = ''] = await committedIds(store, daily);
    const old = '20240115T020000Z';
    await store.copy(`${daily.prefix}/${id}`, `${daily.prefix}/${old}`);
    await store.removeAll(`${daily.prefix}/${id}`);
    expect(await runIds(store, daily)).toEqual([old]);
    expect(await verify()).toContain(`the newest committed backup of a tier, ${daily.prefix}/${old}, is stale`);
  });

  it('fails with a wrong passphrase', async () => {
    const { name, key } = passphraseSecret();
    await patchSecret(name, key, 'not the one');
    try {
      expect(await verify()).toMatch(/error: .*cannot be opened: wrong key or damaged/);
    } finally {
      await patchSecret(name, key, PASSPHRASE);
    }
  });

  it('fails on a validation query, and names every one that failed', async () => {
    await query(
      database,
      "CREATE TABLE kept_users AS TABLE users; UPDATE events SET created_at = created_at - interval '2 days'; TRUNCATE users CASCADE;",
    );
    try {
      await dump(database, store, hourly);
      const log = await verify();
      expect(log).toContain('failed: rows-users: 0 rows, at least 1 expected');
      expect(log).toContain('failed: rows-invoices: 0 rows, at least 1 expected');
      expect(log).toContain('failed: fresh-events-created_at: newest');
      expect(log).toContain('passed: rows-events');
      expect(log).toContain('error: verification failed: rows-users');
    } finally {
      await query(
        database,
        "INSERT INTO users TABLE kept_users; DROP TABLE kept_users; UPDATE events SET created_at = created_at + interval '2 days';",
      );
      await query(
        database,
        'INSERT INTO invoices SELECT n, n % 500, n / 7.0, repeat(md5(n::text), 20) FROM generate_series(1, 3000) n;',
      );
    }
  });

  it('passes again when all is well', async () => {
    await provide(NEXTGEN.plan);
    expect(await runToSuccess(database.namespace, verification.jobName)).toContain('passed');
  });

  function passphraseSecret(): { name: string; key: string } {
    const secret = NEXTGEN.plan.encryption.passphraseSecret;
    if (secret === undefined) {
      throw new Error('the reference config has no passphrase');
    }
    return { name: secret.secretName, key: secret.key };
  }

  async function patchSecret(name: string, key: string, value: string): Promise<void> {
    const patch = JSON.stringify({ stringData: { [key]: value } });
    await kubectl(['patch', 'secret', name, '-n', database?.namespace ?? '', '--type=merge', '-p', patch]);
  }
});
