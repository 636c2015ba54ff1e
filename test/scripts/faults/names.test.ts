import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { run } from '../support';
import { DumpSite } from './dump-site';
import { expectSuccess } from './stored';

const ODD = `o'dd "$1" \\ ; café 日本 %s`;
let site: DumpSite;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

beforeAll(async () => {
  // What lies in a database may be called anything.
  site = await DumpSite.create(
    `CREATE ROLE ${quoted(ODD)};
     CREATE SCHEMA ${quoted(ODD)};
     CREATE TABLE ${quoted(ODD)}.${quoted(ODD)} AS SELECT n AS ${quoted(ODD)} FROM generate_series(1, 7) n;
     ALTER TABLE ${quoted(ODD)}.${quoted(ODD)} ENABLE ROW LEVEL SECURITY;
     CREATE POLICY ${quoted(ODD)} ON ${quoted(ODD)}.${quoted(ODD)} TO ${quoted(ODD)} USING (true);`,
  );
});

beforeEach(() => site.empty());

afterAll(() => site.remove());

it('roles, schemas, tables and columns of any name are dumped, verified and restored', async () => {
  const { server, folder } = site;
  server.sql('postgres', 'CREATE ROLE owner LOGIN; CREATE DATABASE target OWNER owner TEMPLATE template0');
  await site.backup();
  site.expectRestorable();
  expectSuccess(site.fetch(), site.unseal());
  const connection = { ...server.environment, PGDATABASE: 'target', PGUSER: 'owner', RESTORE_JOBS: '2' };
  expectSuccess(run(folder, 'restore.sh', connection));
  expect(server.sql('target', `SELECT count(${quoted(ODD)}) FROM ${quoted(ODD)}.${quoted(ODD)}`)).toBe('7\n');
});

// The config allows lower-case letters, digits and underscores: no name needs quoting but for what it means to SQL.
it.each(['_', 'select', `z${'_9'.repeat(31)}`])(
  'a database and roles whose name is the most that the config allows are dumped and restored: %s',
  async (name) => {
    const { server, folder } = site;
    server.sql('postgres', `CREATE ROLE ${quoted(name)} LOGIN BYPASSRLS IN ROLE pg_read_all_data`);
    server.sql('postgres', `CREATE DATABASE ${quoted(name)} OWNER ${quoted(name)} TEMPLATE template0`);
    server.sql(name, `CREATE TABLE ${quoted(name)} AS SELECT 1 AS n`);
    await site.backup({ dump: { PGDATABASE: name, PGUSER: name } });
    expectSuccess(site.fetch(), site.unseal());
    server.sql(name, `DROP TABLE ${quoted(name)}`);
    const connection = { ...server.environment, PGDATABASE: name, PGUSER: name, RESTORE_JOBS: '2' };
    expectSuccess(run(folder, 'restore.sh', connection));
    expect(server.sql(name, `SELECT n FROM ${quoted(name)}`)).toBe('1\n');
  },
);
