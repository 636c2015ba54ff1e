import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { own, podFolder, run } from './support';
import { POSTGRES, tool } from './tools';

let folder: string;
let work: string;

beforeEach(() => {
  folder = podFolder('bin');
  work = join(folder, 'work');
  mkdirSync(join(work, 'backup'), { recursive: true });
  mkdirSync(join(work, 'run'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A backup of a folder with some text in it, which is not sealed. */
function backup(text: string): void {
  mkdirSync(join(folder, 'database'));
  writeFileSync(join(folder, 'database/rows'), text);
  const archive = join(work, 'backup/database.tar');
  expect(spawnSync(tool('tar'), ['-C', folder, '-cf', archive, 'database']).status).toBe(0);
  const bytes = readFileSync(archive);
  const sum = createHash('sha256').update(bytes).digest('hex');
  const file = `    {"name": "database.tar", "bytes": ${bytes.length}, "sha256": "${sum}"}`;
  writeFileSync(join(work, 'backup/backup.json'), `{\n  "files": [\n${file}\n  ]\n}\n`);
  own(folder);
}

/** Puts a program into the place of what writes to tar. */
function writer(script: string): Record<string, string> {
  const program = join(folder, 'bin/cat');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  own(folder);
  return { PATH: [join(folder, 'bin'), POSTGRES.path].join(delimiter) };
}

it.each([1, 700, 10_240, 39_999])(
  'a backup is unpacked whole, whatever pieces it arrives in: %i bytes first',
  (bytes) => {
    const text = 'a row\n'.repeat(20_000);
    backup(text);
    const head = `/usr/bin/head -c ${bytes}; /bin/sleep 0.3; exec /bin/cat`;
    const outcome = run(folder, 'unseal.sh', { SEAL_METHOD: 'none', ...writer(head) });
    expect(outcome).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(join(work, 'restored/database/rows'), 'utf8')).toBe(text);
  },
);
