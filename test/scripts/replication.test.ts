import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakePushgateway } from './pushgateway';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { workFolder } from './tools';

const DUMPS = 'postgres/daily';
const BASE = 'postgres/shop/base';
const WAL = 'postgres/shop/wals';
const REPORTS = 'reports/postgres';
const FIRST = '20260101T000000Z';
const SECOND = '20260102T000000Z';
let folder = '';

const first = (key: string): string => join(folder, 'first', key);
const second = (key: string): string => join(folder, 'second', key);

function put(path: string, content: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
}

function putRun(id: string, prefix = DUMPS): void {
  const files = { 'database.tar.gpg': `dump of ${id}`, 'globals.sql.gpg': `roles of ${id}` };
  const listed = Object.entries(files).map(([name, content]) => {
    put(first(`${prefix}/${id}/${name}`), content);
    const sum = createHash('sha256').update(content).digest('hex');
    return `    {"name": "${name}", "bytes": ${content.length}, "sha256": "${sum}"}`;
  });
  put(first(`${prefix}/${id}/backup.json`), `{\n  "version": 1,\n  "files": [\n${listed.join(',\n')}\n  ]\n}\n`);
}

/** A base backup as Barman stores it, from one WAL segment to another. */
function putBase(id: string, status: string, begin: string, end: string): void {
  put(first(`${BASE}/${id}/data.tar`), `data of ${id}`);
  put(first(`${BASE}/${id}/backup.info`), `backup_label=None\nbegin_wal=${begin}\nend_wal=${end}\nstatus=${status}\n`);
}

const segment = (number: number): string => `00000001000000000000000${number}`;
const putWal = (number: number): void => {
  put(first(`${WAL}/0000000100000000/${segment(number)}.gz`), `segment ${number}`);
};

/** Makes rclone do something else, by lines of shell that may call the real one with `command rclone "$@"`. */
function rcloneIs(lines: string): void {
  writeFileSync(join(folder, 'scripts/common.sh'), `rclone() {\n${lines}\n}\n`, { flag: 'a' });
}

function replicate(env: Record<string, string> = {}): Outcome {
  spawnSync('chown', ['-R', 'postgres', folder]);
  return run(folder, 'replicate.sh', {
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: join(folder, 'first'),
    RCLONE_CONFIG_TARGET_TYPE: 'alias',
    RCLONE_CONFIG_TARGET_REMOTE: join(folder, 'second'),
    RCLONE_RETRIES: '1',
    STORE: 'store:',
    TARGET: 'target:',
    PREFIXES: `${DUMPS}=backup.json ${BASE}=backup.info ${WAL}= ${REPORTS}=`,
    BATCH: '50',
    BATCH_BYTES: '1000000',
    WAL_SECONDS: '86400',
    ...env,
  });
}

function succeed(outcome: Outcome): Outcome {
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  return outcome;
}

beforeEach(() => {
  folder = workFolder();
  for (const name of ['scripts', 'work', 'first', 'second']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('replication', () => {
  it('copies everything that is committed, byte for byte', () => {
    putRun(FIRST);
    putRun(SECOND);
    [1, 2, 3].forEach(putWal);
    putBase('20260101T010000', 'DONE', segment(1), segment(2));
    put(first(`${REPORTS}/${FIRST}/report.json`), '{"ok": true}');
    const { out } = succeed(replicate());
    expect(out).toContain('replicate: 3 folders committed, 4 single objects stored');
    expect(tree(second(''))).toEqual(tree(first('')));
    for (const key of tree(first(''))) {
      expect(readFileSync(second(key)), key).toEqual(readFileSync(first(key)));
    }
  });

  it('copies nothing of a run that is not committed', () => {
    putRun(FIRST);
    put(first(`${DUMPS}/${SECOND}/database.tar.gpg`), 'half of it');
    succeed(replicate());
    expect(tree(second(DUMPS)).map((key) => key.split('/')[0])).toEqual([FIRST, FIRST, FIRST]);
  });

  it('copies nothing below a prefix that it was not given', () => {
    putRun(FIRST);
    putRun(FIRST, 'etcd/stream');
    succeed(replicate());
    expect(existsSync(second('etcd'))).toBe(false);
  });

  it('stores the marker last: killed before it, no run passes for a copy, and the next one completes it', () => {
    putRun(FIRST);
    const common = readFileSync(join(folder, 'scripts/common.sh'), 'utf8');
    rcloneIs('  [ "$1" != hashsum ] || kill -9 $$\n  command rclone "$@"');
    expect(replicate().code).not.toBe(0);
    expect(tree(second(DUMPS))).toEqual([`${FIRST}/database.tar.gpg`, `${FIRST}/globals.sql.gpg`]);
    writeFileSync(join(folder, 'scripts/common.sh'), common);
    succeed(replicate());
    expect(tree(second(DUMPS))).toEqual(tree(first(DUMPS)));
  });

  it('does not commit what a bit flip has damaged on its way, and says which object', () => {
    putRun(FIRST);
    putRun(SECOND);
    put(second(`${DUMPS}/${FIRST}/database.tar.gpg`), `dump_of ${FIRST}`);
    const outcome = replicate();
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain(
      `error: ${DUMPS}/${FIRST}/database.tar.gpg at the second store is missing, or not what it should be`,
    );
    expect(existsSync(second(`${DUMPS}/${FIRST}/backup.json`))).toBe(false);
    expect(existsSync(second(`${DUMPS}/${SECOND}/backup.json`))).toBe(true);
    expect(readFileSync(second(`${DUMPS}/${FIRST}/database.tar.gpg`), 'utf8')).toBe(`dump_of ${FIRST}`);
  });

  it('does not commit what is damaged in the first store', () => {
    putRun(FIRST);
    put(first(`${DUMPS}/${FIRST}/database.tar.gpg`), `dump_of ${FIRST}`);
    expect(replicate()).toMatchObject({ code: 1, err: expect.stringContaining('not what it should be') });
    expect(existsSync(second(`${DUMPS}/${FIRST}/backup.json`))).toBe(false);
  });

  it('notices an object of a committed copy that is cut off, and never overwrites it', () => {
    putRun(FIRST);
    succeed(replicate());
    put(second(`${DUMPS}/${FIRST}/database.tar.gpg`), 'dump');
    putRun(SECOND);
    const outcome = replicate();
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain(
      `${DUMPS}/${FIRST}/database.tar.gpg has 4 bytes at the second store and 24 at the first`,
    );
    expect(readFileSync(second(`${DUMPS}/${FIRST}/database.tar.gpg`), 'utf8')).toBe('dump');
    expect(tree(second(`${DUMPS}/${SECOND}`))).toHaveLength(3);
  });

  it('mends a committed copy of which an object is gone, as long as the first store has it', () => {
    putRun(FIRST);
    succeed(replicate());
    rmSync(second(`${DUMPS}/${FIRST}/globals.sql.gpg`));
    succeed(replicate());
    expect(tree(second(DUMPS))).toEqual(tree(first(DUMPS)));
  });

  it('fails when an object of the first store has changed under its key', () => {
    [1, 2].forEach(putWal);
    succeed(replicate());
    put(first(`${WAL}/0000000100000000/${segment(1)}.gz`), 'another segment 1');
    expect(replicate()).toMatchObject({ code: 1, err: expect.stringContaining('it is not overwritten') });
    expect(readFileSync(second(`${WAL}/0000000100000000/${segment(1)}.gz`), 'utf8')).toBe('segment 1');
  });

  it('fails when a marker lists what the first store does not have, and copies the others', () => {
    putRun(FIRST);
    putRun(SECOND);
    rmSync(first(`${DUMPS}/${FIRST}/database.tar.gpg`));
    expect(replicate()).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `the marker of ${DUMPS}/${FIRST} lists ${FIRST}/database.tar.gpg with 24 bytes, which is not in the first store`,
      ),
    });
    expect(tree(second(DUMPS)).map((key) => key.split('/')[0])).toEqual([SECOND, SECOND, SECOND]);
  });

  it.each([
    ['is cut off', '{\n  "files": [\n'],
    ['is cut off', ''],
    ['lists no files', '{\n  "files": [\n  ]\n}\n'],
  ])('fails when a marker %s', (what, text) => {
    putRun(FIRST);
    put(first(`${DUMPS}/${FIRST}/backup.json`), text);
    expect(replicate()).toMatchObject({ code: 1, err: expect.stringContaining(what) });
    expect(tree(second(''))).toEqual([]);
  });

  it('deletes nothing when the first store has pruned, and fills no gap with it', () => {
    putRun(FIRST);
    putRun(SECOND);
    succeed(replicate());
    rmSync(first(`${DUMPS}/${FIRST}`), { recursive: true });
    succeed(replicate());
    expect(tree(second(`${DUMPS}/${FIRST}`))).toHaveLength(3);
  });

  it('takes no notice of a run that expires while it is copied', () => {
    putRun(FIRST);
    putRun(SECOND);
    rcloneIs(`  [ "$1" != copy ] || rm -rf '${first(`${DUMPS}/${FIRST}`)}'\n  command rclone "$@"`);
    succeed(replicate());
    expect(tree(second(DUMPS)).map((key) => key.split('/')[0])).toEqual([SECOND, SECOND, SECOND]);
  });

  it('fails when an object cannot be stored, though the first store still has it', () => {
    putRun(FIRST);
    rcloneIs('  case "$*" in "copy "*" target:"*) return 1 ;; esac\n  command rclone "$@"');
    expect(replicate()).toMatchObject({
      code: 1,
      err: expect.stringContaining('is missing, or not what it should be'),
    });
    expect(tree(second(''))).toEqual([]);
  });

  it.each([
    ['the first', { RCLONE_CONFIG_STORE_TYPE: 's3' }],
    ['the second', { RCLONE_CONFIG_TARGET_TYPE: 's3' }],
  ])('fails when %s store cannot be listed', (_, env) => {
    putRun(FIRST);
    const [name = ''] = Object.keys(env);
    const remote = name.slice(0, name.lastIndexOf('_'));
    const broken = { [`${remote}_PROVIDER`]: 'Other', [`${remote}_ENDPOINT`]: 'http://127.0.0.1:9' };
    const outcome = replicate({
      ...env,
      ...broken,
      RCLONE_LOW_LEVEL_RETRIES: '1',
      STORE: 'store:a',
      TARGET: 'target:a',
    });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('error: ') });
    expect(tree(second(''))).toEqual([]);
  });

  it('fails when the first store holds nothing, since it is then most likely another one', () => {
    expect(replicate()).toMatchObject({ code: 1, err: expect.stringContaining('the first store holds nothing') });
  });
});

describe('the report of a second copy', () => {
  it('is made when it is complete, and not when anything is wrong with it', async () => {
    const gateway = await FakePushgateway.start(folder);
    const push = {
      PUSH_URL: `${gateway.url}/metrics/job/cdk8s-dr/target/second`,
      PUSH_REPORT: `# HELP done When.\n# TYPE done gauge\ndone @finished@\n# HELP took How long.\n# TYPE took gauge\ntook @seconds@`,
    };
    try {
      putRun(FIRST);
      const damaged = first(`${DUMPS}/${FIRST}/database.tar.gpg`);
      const whole = readFileSync(damaged, 'utf8');
      put(damaged, 'cut off');
      expect(replicate(push).code).toBe(1);
      expect(await gateway.groups()).toEqual({});
      put(damaged, whole);
      succeed(replicate(push));
      const [reported] = Object.values(await gateway.groups());
      expect(Math.abs(Number(reported?.done?.value) - Date.now() / 1000)).toBeLessThan(60);
      expect(Number(reported?.took?.value)).toBeLessThan(60);
    } finally {
      gateway.stop();
    }
  });
});

describe('an archive of Barman', () => {
  it('has base backups only that are done', () => {
    [1, 2].forEach(putWal);
    putBase('20260101T010000', 'STARTED', segment(1), segment(1));
    putBase('20260101T020000', 'FAILED', segment(1), segment(2));
    expect(succeed(replicate()).out).toContain(`base backup ${BASE}/20260101T010000 is not done`);
    expect(tree(second(BASE))).toEqual([]);
    putBase('20260101T010000', 'DONE', segment(1), segment(2));
    succeed(replicate());
    expect(tree(second(BASE))).toEqual(['20260101T010000/backup.info', '20260101T010000/data.tar']);
  });

  it.each([
    ['first', 1],
    ['last', 2],
  ])('has no base backup before the %s WAL segment that it needs', (_, missing) => {
    putWal(3 - missing);
    const recent = new Date(Date.now() - 3_600_000).toISOString().replace(/[-:]|\..*/g, '');
    putBase(recent, 'DONE', segment(1), segment(2));
    expect(succeed(replicate()).out).toContain(`waits for WAL segment ${segment(missing)}`);
    expect(tree(second(BASE))).toEqual([]);
    putWal(missing);
    succeed(replicate());
    expect(tree(second(BASE))).toHaveLength(2);
  });

  it('is not complete when the WAL that a base backup needs never came, which every run says', () => {
    putWal(1);
    putBase('20260101T010000', 'DONE', segment(1), segment(2));
    for (const _ of ['first run', 'next run']) {
      expect(replicate()).toMatchObject({
        code: 1,
        err: expect.stringContaining(`base backup ${BASE}/20260101T010000 needs WAL segment ${segment(2)}`),
      });
    }
    expect(tree(second(BASE))).toEqual([]);
    expect(tree(second(WAL))).toHaveLength(1);
  });

  it('blames the copying, and not the first store, for WAL that is only not copied', () => {
    rcloneIs(`  case "$1 $*" in copy*target:/${WAL}) return 1 ;; esac\n  command rclone "$@"`);
    [1, 2].forEach(putWal);
    putBase('20260101T010000', 'DONE', segment(1), segment(2));
    const { code, out, err } = replicate();
    expect(code).toBe(1);
    expect(err).toContain(`${segment(2)}.gz at the second store is missing`);
    expect(err).not.toContain('which the first store does not have');
    expect(out).toContain(`base backup ${BASE}/20260101T010000 waits for WAL segment ${segment(2)}`);
  });

  it('has WAL that was proven, also when the run that stored it was killed before it could prove it', () => {
    [1, 2, 3, 4].forEach(putWal);
    put(second(`${WAL}/0000000100000000/${segment(1)}.gz`), 'segment_1');
    expect(replicate()).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${segment(1)}.gz at the second store is missing, or not what it should be`),
    });
    expect(tree(second(WAL))).toHaveLength(4);
  });
});

describe('the effort', () => {
  const calls = (): number => {
    const before = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').length : 0;
    succeed(replicate());
    return readFileSync(join(folder, 'calls'), 'utf8').length - before;
  };

  it('does not grow with what is copied already', () => {
    rcloneIs(`  printf x >>'${join(folder, 'calls')}'\n  command rclone "$@"`);
    writeFileSync(join(folder, 'calls'), '');
    putRun(FIRST);
    calls();
    const few = calls();
    for (let number = 0; number < 1000; number += 1) {
      putRun(`2026${String(10_000_000 + number).slice(1, 5)}T${String(100_000 + number).slice(0, 6)}Z`);
    }
    const copying = calls();
    expect(copying).toBeLessThan(400);
    expect(calls()).toBe(few);
    putRun('20270101T000000Z');
    expect(calls()).toBeLessThanOrEqual(few + 6);
  }, 120_000);

  it('fills batches by number and by bytes, and commits each before the next', () => {
    const ids = [1, 2, 3, 4, 5].map((day) => `2026010${day}T000000Z`);
    for (const id of ids) {
      putRun(id);
    }
    rcloneIs(`  command rclone "$@"
  code=$?
  [ "$1" != hashsum ] || [ ! -f '${join(folder, 'stop')}' ] || kill -9 $$
  [ "$1" != hashsum ] || : >'${join(folder, 'stop')}'
  return "$code"`);
    expect(replicate({ BATCH: '2' }).code).not.toBe(0);
    const committed = tree(second(DUMPS)).filter((key) => key.endsWith('/backup.json'));
    expect(committed).toEqual(ids.slice(3).map((id) => `${id}/backup.json`));
  });
});
