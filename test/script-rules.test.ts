import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backgroundIn, inputsOf, pipesIn, plainCode } from './support/shell';

/** Every file that a pod gets, by its name: they lie side by side there, so names are unique. */
const files = readdirSync('lib')
  .map((family) => join('lib', family, 'scripts'))
  .flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
const texts = new Map(files.map((file) => [basename(file), readFileSync(file, 'utf8')]));
const shellScripts = [...texts].filter(([name]) => name.endsWith('.sh'));
const runnable = shellScripts.filter(([, text]) => text.startsWith('#!/bin/sh\n'));

/** A report that goes aside is waited for by nobody, since it must not hold up the next run. */
const LEFT_ALONE: Readonly<Record<string, number>> = { 'push.sh': 1 };

it('no two scripts have the same name', () => {
  expect(texts.size).toBe(files.length);
});

describe.each([...texts])('the file %s', (_, text) => {
  it('has at most 80 lines', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  });
});

describe.each(shellScripts)('the script %s', (name, text) => {
  it('is POSIX sh with set -eu, or is read by one that is', () => {
    expect(text.startsWith('#!/bin/sh\n') ? text : 'set -eu').toContain('set -eu');
    // The shell of PostgreSQL's image has no pipefail, and scripts are to be good for every image.
    expect(text, name).not.toMatch(/pipefail|\[\[ |\r/);
  });

  it('has no pipe, which would hide the failure of its left side', () => {
    expect(pipesIn(plainCode(text))).toEqual([]);
  });

  it('waits for what it starts in the background, whose failure nobody would see', () => {
    const begun = backgroundIn(plainCode(text)).length - (LEFT_ALONE[name] ?? 0);
    expect([...plainCode(text).matchAll(/\bwait "?\$/g)].length).toBeGreaterThanOrEqual(begun);
  });
});

describe.each(runnable)('the help of %s', (_, text) => {
  it('lists exactly the variables that the script reads, itself or through what it reads with a dot', () => {
    const { documented, used } = inputsOf(text, texts);
    expect(new Set(documented).size).toBe(documented.length);
    expect([...used].sort()).toEqual([...documented].sort());
  });
});

describe('the rule about pipes', () => {
  it.each([
    'pg_dump shop | gzip >dump.gz',
    '  daily | hourly) pg_dump | gzip >dump.gz ;;',
    'pg_dump || pg_dumpall | gzip >dump.gz',
    'size=$(du -sk "$capture" | cut -f 1)',
    'pg_dump |\n  gzip',
  ])('sees the one in: %s', (line) => {
    expect(pipesIn(plainCode(line))).not.toEqual([]);
  });

  it.each(['pg_dump || fail "no dump"', "  daily | '' | *.tar) ;;", "sed -n 's|a|b|p' file", '# pg_dump | gzip'])(
    'sees none in: %s',
    (line) => {
      expect(pipesIn(plainCode(line))).toEqual([]);
    },
  );
});

describe('the rule about the background', () => {
  it.each(['tar -cf "$pipe" . &', 'a & b'])('sees it in: %s', (line) => {
    expect(backgroundIn(line)).toEqual([line]);
  });

  it.each(['a && b', 'printf x >&2', 'a >log 2>&1'])('sees none in: %s', (line) => {
    expect(backgroundIn(line)).toEqual([]);
  });
});
