import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { own, tree } from '../support';
import { tool } from '../tools';
import { DumpSite } from './dump-site';
import { expectFailure, expectSuccess } from './stored';

let site: DumpSite;

beforeAll(async () => {
  site = await DumpSite.create('CREATE TABLE users AS SELECT n FROM generate_series(1, 1000) n');
  site.server.sql('postgres', "ALTER ROLE backup PASSWORD 'secret'");
  const rules = join(site.server.data, 'pg_hba.conf');
  writeFileSync(rules, `local all backup scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  site.server.sql('postgres', 'SELECT pg_reload_conf()');
});

beforeEach(() => site.empty());

afterAll(() => site.remove());

/** A pair of keys of somebody: files with the public and the private one. */
function keysOf(person: string): { readonly publicKey: string; readonly privateKey: string } {
  const home = join(site.root, person);
  mkdirSync(home, { mode: 0o700 });
  own(home);
  const gpg = [tool('gpg'), '--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
  site.server.sh([...gpg, '--quick-generate-key', `${person}@example.test`, 'default', 'default', 'never']);
  const file = (name: string, text: string): string => {
    writeFileSync(join(site.root, name), text);
    return join(site.root, name);
  };
  return {
    publicKey: file(`${person}.public`, site.server.sh([...gpg, '--armor', '--export'])),
    privateKey: file(`${person}.private`, site.server.sh([...gpg, '--armor', '--export-secret-keys'])),
  };
}

it('a wrong password of the database commits nothing, and is not told in the log', async () => {
  await site.backup();
  await site.expectHarmless(() => {
    const outcome = site.pod({ dump: { PGPASSWORD: 'wrongsecret' } });
    expect(outcome.out + outcome.err).not.toContain('wrongsecret');
    expect(outcome.err).toContain('password authentication failed');
    return outcome;
  }, 'pg_dump of shop at');
});

it('a passphrase that is missing commits nothing', async () => {
  await site.backup();
  await site.expectHarmless(
    () => site.pod({ seal: { SEAL_PASSPHRASE_FILE: '/nonexistent' } }),
    'the passphrase in /nonexistent is empty or missing',
  );
});

it('a public key that is none commits nothing', async () => {
  await site.backup();
  await site.expectHarmless(
    () => site.pod({ seal: { SEAL_METHOD: 'recipient', SEAL_PUBLIC_KEY_FILE: '/etc/hostname' } }),
    'cannot import the public key in /etc/hostname',
  );
});

it("the private key of somebody else opens nothing, and the recipient's own does", async () => {
  const ours = keysOf('ours');
  const theirs = keysOf('theirs');
  await site.backup({ seal: { SEAL_METHOD: 'recipient', SEAL_PUBLIC_KEY_FILE: ours.publicKey } });
  const unseal = (file: string) => site.unseal({ SEAL_METHOD: 'recipient', SEAL_PRIVATE_KEY_FILE: file });
  expectSuccess(site.fetch());
  expectFailure(unseal(theirs.privateKey), 'cannot be opened: wrong key or damaged');
  expect(tree(join(site.folder, 'work/restored'))).toEqual([]);
  expectSuccess(site.fetch(), unseal(ours.privateKey), site.verify());
});
