import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { planRecovery, runbookOf } from '../../lib';
import { variable } from '../../lib/recovery/procedure';
import { complete, minimal, otherStorages, variants } from '../support/configs';
import { linesOf, sectionOf } from '../support/runbook';
import { tool } from './tools';

const folder = mkdtempSync(join(tmpdir(), 'dr-runbook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configs = {
  nextgen,
  minimal,
  complete,
  ...variants,
  ...Object.fromEntries(Object.entries(otherStorages).map(([name, storage]) => [name, { ...complete, storage }])),
};

/** Sections with shell lines, each of which a person pastes into one shell. */
const sections = Object.entries(configs).flatMap(([config, value]) =>
  runbookOf(planRecovery(value))
    .split(/^(?=#{2,3} )/m)
    .filter((section) => section.includes('```sh\n'))
    .map((section): [string, string, string] => [config, section.slice(0, section.indexOf('\n')), section]),
);

describe('the shell lines of a runbook', () => {
  it('are read by every POSIX shell', () => {
    for (const [config, heading, section] of sections) {
      for (const shell of [[tool('dash')], [tool('busybox'), 'sh']]) {
        const [program = '', ...rest] = shell;
        const result = spawnSync(program, [...rest, '-n'], { input: linesOf(section, {}), encoding: 'utf8' });
        expect(result.stderr, `${config} ${heading}`).toBe('');
        expect(result.status).toBe(0);
      }
    }
  });

  it('have nothing that shellcheck finds', () => {
    const files = sections.map(([, , section], index) => {
      const file = join(folder, `${index}.sh`);
      writeFileSync(file, `#!/bin/sh\n${linesOf(section, {})}`);
      return file;
    });
    // A variable that is set for a later block of the reader's own, or only on some path, is no mistake here.
    const result = spawnSync(tool('shellcheck'), ['--shell=sh', '--exclude=SC2034,SC2154', '--format=gcc', ...files], {
      encoding: 'utf8',
    });
    expect(result.stdout).toBe('');
    expect(result.status).toBe(0);
  }, 300_000);
});

describe('a parameter', () => {
  const runbook = runbookOf(planRecovery(nextgen));
  const section = sectionOf(runbook, 'Fetch lost rows of database nextgen-postgres');
  const asked = section.slice(section.indexOf('# Moment'), section.indexOf('**1.**')).replace('```', '');

  function fill(value: string): { readonly out: string; readonly err: string } {
    const lines = asked.replace("TARGET_TIME=''", `TARGET_TIME='${value}'`);
    const result = spawnSync(tool('dash'), [], {
      input: `${lines}\nprintf '%s' "$TARGET_TIME"`,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    return { out: result.stdout, err: result.stderr };
  }

  it.each(['2024-01-15 14:30:00', '2024-01-15T14:30:00Z', '2024-01-15 14:30:00+02'])('is taken as %s', (value) => {
    expect(fill(value).out).toBe(value);
  });

  it.each(['', 'yesterday', '2024-01-15', '2024-01-15 14:30:00; rm -rf /'])(
    'is emptied, with what it must look like, as "%s"',
    (value) => {
      const { out, err } = fill(value);
      expect(out).toBe('');
      expect(err).toContain('TARGET_TIME must look like 2024-01-15 14:30:00');
    },
  );

  it('that is empty stops the command that creates something, before it creates anything', () => {
    const create = /kubectl create --save-config[\s\S]*?\nYAML\n/.exec(section)?.[0] ?? '';
    expect(create).toContain(`targetTime: "${variable('TARGET_TIME')}"`);
    const kubectl = join(folder, 'kubectl');
    writeFileSync(kubectl, '#!/bin/sh\necho kubectl ran\n', { mode: 0o755 });
    const result = spawnSync(tool('dash'), [], {
      input: `TARGET_TIME=''\n${create}`,
      encoding: 'utf8',
      env: { PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` },
    });
    expect(result.stdout).not.toContain('kubectl ran');
    expect(result.stderr).toContain('TARGET_TIME');
  });
});

describe('a guard of something that holds data', () => {
  const called = join(folder, 'called');
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  for (const name of ['kubectl', 'rclone', 'jq']) {
    writeFileSync(join(programs, name), `#!/bin/sh\necho "$0 $*" >>${called}\n`, { mode: 0o755 });
  }
  /** Every guard of every runbook, with the name that it asks for. */
  const guards = sections.flatMap(([config, heading, section]) =>
    [
      ...section.matchAll(/CONFIRM_DELETE=''\nif \[ "\$\{CONFIRM_DELETE:\?\}" = "([^"]+)" \]; then\n[\s\S]*?\nfi\n/g),
    ].map(([lines, name = '']): [string, string, string] => [`${config} ${heading}`, name, lines]),
  );
  const values: Record<string, string> = {
    CLAIM: 'data',
    TABLE: 'public.users',
    NAMESPACES: 'shop',
    LIVE: 'pod',
    PRIMARY: 'pod',
    SNAPSHOT: 'snapshot',
  };
  const setting = Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  const expand = (name: string): string =>
    name.replace(/\$\{(\w+):\?\}/g, (_, variableName) => values[variableName] ?? '');

  /** What a guard calls, with a name filled in, and what it says. */
  function paste(lines: string, given: string): { readonly calls: string; readonly err: string } {
    rmSync(called, { force: true });
    const { stderr } = spawnSync(tool('dash'), [], {
      input: `${setting}${lines.replace("CONFIRM_DELETE=''", `CONFIRM_DELETE='${given}'`)}`,
      encoding: 'utf8',
      env: { PATH: `${programs}${delimiter}${process.env.PATH ?? ''}` },
    });
    return { calls: existsSync(called) ? readFileSync(called, 'utf8') : '', err: stderr };
  }

  it('calls nothing as it is printed, nor with another name', () => {
    expect(guards.length).toBeGreaterThan(20);
    for (const [where, name, lines] of guards) {
      const empty = paste(lines, '');
      expect(empty.calls, where).toBe('');
      expect(empty.err).toContain('CONFIRM_DELETE');
      const other = paste(lines, `${expand(name)}-other`);
      expect(other.calls, where).toBe('');
      expect(other.err).toContain(`CONFIRM_DELETE is not ${expand(name)}: nothing is deleted`);
    }
  }, 120_000);

  it('calls its command with the name that it asks for', () => {
    for (const [where, name, lines] of guards) {
      expect(paste(lines, expand(name)).calls, where).toMatch(/kubectl .*(delete|patch|DROP|get)|rclone purge/);
    }
  }, 120_000);
});
