import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DumpSite } from './dump-site';

let site: DumpSite;
let newer: ChildProcess;
let port = '';

beforeAll(async () => {
  site = await DumpSite.create('CREATE TABLE users AS SELECT n FROM generate_series(1, 1000) n');
  const file = join(site.root, 'port');
  newer = spawn(process.execPath, [join(__dirname, 'fake-newer-server.cjs'), file]);
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    await setTimeout(20);
  }
  port = readFileSync(file, 'utf8');
});

afterAll(() => {
  newer.kill();
  site.remove();
});

it('a server that is newer than the client is not dumped by it, and the log says so', async () => {
  await site.backup();
  await site.expectHarmless(() => {
    const outcome = site.pod({ dump: { PGHOST: '127.0.0.1', PGPORT: port } });
    expect(outcome.err).toMatch(/aborting because of server version mismatch/);
    expect(outcome.err).toMatch(/server version: 99\.1; pg_dump version: \d+/);
    return outcome;
  }, 'pg_dump of shop at 127.0.0.1 failed');
});
