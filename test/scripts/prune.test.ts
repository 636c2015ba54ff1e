import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { workFolder } from './tools';

const DAY = 86400;
const NOW = Date.now();
let folder = '';

/** Run id of so many days ago. */
function idOf(daysAgo: number): string {
  return new Date(NOW - daysAgo * DAY * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
}

function put(prefix: string, id: string, committed: boolean): void {
  const place = join(folder, 'store/backups', prefix, id);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'database.tar.gpg'), 'x');
  if (committed) {
    writeFileSync(join(place, 'backup.json'), '{}');
  }
}

function prune(env: Record<string, string> = {}): Outcome {
  spawnSync('chown', ['-R', 'postgres', join(folder, 'store')]);
  return run(folder, 'prune.sh', {
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
    STORE: 'store:backups',
    RULES: `shop/daily=${30 * DAY}:3 shop/hourly=${7 * DAY}:3`,
    ABANDONED_AFTER_SECONDS: String(DAY),
    ...env,
  });
}

function left(prefix: string): string[] {
  return [...new Set(tree(join(folder, 'store/backups', prefix)).map((path) => path.split('/')[0] ?? ''))];
}

beforeEach(() => {
  folder = workFolder();
  for (const name of ['scripts', 'work', 'store/backups']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  spawnSync('chown', ['postgres', join(folder, 'work')]);
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('prune', () => {
  it('removes what is older than its tier keeps it, and nothing else', () => {
    const days = [1, 2, 3, 29, 31, 40];
    for (const day of days) {
      put('shop/daily', idOf(day), true);
      put('shop/hourly', idOf(day), true);
    }
    expect(prune()).toMatchObject({ code: 0 });
    expect(left('shop/daily')).toEqual([29, 3, 2, 1].map(idOf));
    expect(left('shop/hourly')).toEqual([3, 2, 1].map(idOf));
  });

  it('never goes below the floor of newest committed copies, however old they are', () => {
    for (const day of [100, 200, 300, 400]) {
      put('shop/daily', idOf(day), true);
    }
    expect(prune()).toMatchObject({ code: 0 });
    expect(left('shop/daily')).toEqual([300, 200, 100].map(idOf));
  });

  it('does not count uncommitted runs as good copies', () => {
    for (const day of [100, 200, 300]) {
      put('shop/daily', idOf(day), true);
    }
    for (const hours of [1, 2, 3]) {
      put('shop/daily', idOf(hours / 24), false);
    }
    expect(prune()).toMatchObject({ code: 0 });
    expect(left('shop/daily')).toHaveLength(6);
  });

  it('removes abandoned uploads only when a newer committed run exists', () => {
    put('shop/daily', idOf(5), false);
    put('shop/daily', idOf(4), true);
    put('shop/daily', idOf(3), false);
    expect(prune()).toMatchObject({ code: 0 });
    expect(left('shop/daily')).toEqual([4, 3].map(idOf));
  });

  it('leaves everything alone when a prefix has no committed run', () => {
    put('shop/daily', idOf(100), false);
    expect(prune()).toMatchObject({ code: 0, out: expect.stringContaining('shop/daily has no committed run') });
    expect(left('shop/daily')).toHaveLength(1);
  });

  it('never touches what is not a run, nor another prefix', () => {
    for (const [prefix, name] of [
      ['shop/daily', 'keep-forever'],
      ['shop/daily', '20200101'],
      ['shop/daily-old', idOf(900)],
      ['shop', 'nextgen-postgres'],
    ] as const) {
      put(prefix, name, true);
    }
    for (const day of [1, 2, 3, 50]) {
      put('shop/daily', idOf(day), true);
    }
    expect(prune()).toMatchObject({ code: 0 });
    expect(left('shop/daily')).toEqual(['20200101', ...[3, 2, 1].map(idOf), 'keep-forever']);
    expect(left('shop/daily-old')).toHaveLength(1);
    expect(left('shop/nextgen-postgres')).not.toEqual([]);
  });

  it('removes the marker first, so that a half-removed copy does not count as good', () => {
    for (const day of [1, 2, 3, 50]) {
      put('shop/daily', idOf(day), true);
    }
    // An rclone that can delete a file but not the rest stands for a job that is killed in between.
    const common = join(folder, 'scripts/common.sh');
    writeFileSync(common, `${'rclone() { [ "$1" != purge ] || return 1; command rclone "$@"; }\n'}`, { flag: 'a' });
    chmodSync(common, 0o644);
    expect(prune()).toMatchObject({ code: 1, err: expect.stringContaining(`cannot remove shop/daily/${idOf(50)}`) });
    expect(tree(join(folder, 'store/backups/shop/daily', idOf(50)))).toEqual(['database.tar.gpg']);
  });

  it('refuses to remove anything when a run is from the future, since then a clock is wrong', () => {
    for (const day of [-3, 100, 200, 300, 400]) {
      put('shop/daily', idOf(day), true);
    }
    expect(prune()).toMatchObject({ code: 1, err: expect.stringContaining('is from the future') });
    expect(left('shop/daily')).toHaveLength(5);
  });

  it('refuses a floor below one copy', () => {
    put('shop/daily', idOf(100), true);
    expect(prune({ RULES: `shop/daily=${DAY}:0` })).toMatchObject({
      code: 1,
      err: expect.stringContaining('at least one copy'),
    });
    expect(left('shop/daily')).toHaveLength(1);
  });

  it('fails, and removes nothing, when the store cannot be listed', () => {
    const outcome = prune({
      RCLONE_CONFIG_STORE_TYPE: 's3',
      RCLONE_CONFIG_STORE_PROVIDER: 'Other',
      RCLONE_CONFIG_STORE_ENDPOINT: 'http://127.0.0.1:9',
      RCLONE_RETRIES: '1',
      RCLONE_LOW_LEVEL_RETRIES: '1',
    });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('cannot list store:backups/shop/daily') });
  });
});
