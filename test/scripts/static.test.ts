import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SCRIPTS } from './support';
import { tool } from './tools';

describe('shellcheck', () => {
  it.each(SCRIPTS.map((script) => [basename(script), script]))('finds nothing in %s', (_, script) => {
    const result = spawnSync(tool('shellcheck'), ['--shell=sh', '--external-sources', script], { encoding: 'utf8' });
    expect(result.stdout).toBe('');
    expect(result.status).toBe(0);
    expect(readFileSync(script, 'utf8').length).toBeGreaterThan(0);
  });
});
