import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, SCRIPTS } from './support';
import { tool, workFolder } from './tools';

const named = SCRIPTS.map((script) => [basename(script), script] as const);
const shell = named.filter(([name]) => name.endsWith('.sh'));
const runnable = named.filter(([, script]) => readFileSync(script, 'utf8').startsWith('#!/bin/sh\n'));
const folder = workFolder();

beforeAll(() => {
  mkdirSync(join(folder, 'scripts'));
  for (const [name, script] of named) {
    copyFileSync(script, join(folder, 'scripts', name));
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('shellcheck', () => {
  it.each(shell)('finds nothing in %s', (_, script) => {
    const result = spawnSync(tool('shellcheck'), ['--shell=sh', '--external-sources', script], { encoding: 'utf8' });
    expect(result.stdout).toBe('');
    expect(result.status).toBe(0);
  });
});

describe('--help', () => {
  it.each(runnable)('of %s says what it does and what it reads, and does nothing', (name) => {
    const { code, out, err } = run(folder, name, {}, ['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^[A-Z].*\.\n\nEnvironment:\n {2}WORK_DIR /);
    expect(out).not.toContain('set -eu');
  });
});

describe('a missing input', () => {
  it.each(runnable)('of %s is named, and nothing is done', (name) => {
    const outcome = run(folder, name, { WORK_DIR: '' });
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain('WORK_DIR');
  });
});
