import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EtcdMember, hashOf, restoredKeys, startLoop } from './etcd-member';
import type { Outcome } from './support';
import { run, SCRIPTS, tree } from './support';
import { KUBECTL, POSTGRES, RCLONE, workFolder } from './tools';

const KEYS = 3000;
const root = workFolder();
const member = new EtcdMember(root);
let folder = '';

const work = (...path: string[]): string => join(folder, 'work', ...path);
const save = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'save-snapshot.sh', { ...member.environment, ...env });
const write = (path: string, text: string): void => {
  spawnSync('install', ['-d', '-o', 'postgres', join(path, '..')]);
  writeFileSync(path, text);
  spawnSync('chown', ['postgres', path]);
};

beforeAll(async () => {
  await member.start();
  member.fill(KEYS);
});

afterAll(() => {
  member.stop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  folder = workFolder();
  for (const name of ['scripts', 'work', 'local', 'store']) {
    mkdirSync(join(folder, name));
    spawnSync('chown', ['postgres', join(folder, name)]);
  }
  for (const script of SCRIPTS) {
    copyFileSync(script, join(folder, 'scripts', basename(script)));
  }
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('a snapshot saved through the JSON gateway', () => {
  it('is restored by etcdutl with every key, and is what the marker needs', () => {
    expect(save()).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^save: \d+ bytes, run \d{8}T\d{6}Z\n$/),
    });
    expect(restoredKeys(work('capture/etcd.db'), join(folder, 'restored'))).toBeGreaterThanOrEqual(KEYS);
    expect(tree(work('capture'))).toEqual(['etcd.db']);
    expect(readFileSync(work('run/tools'), 'utf8')).toBe('etcd=3.6.6\n');
    const epoch = Number(readFileSync(work('run/epoch'), 'utf8'));
    expect(new Date(readFileSync(work('run/started'), 'utf8').trim()).getTime()).toBe(epoch * 1000);
  });

  it('holds exactly what etcdctl saves', () => {
    member.control('snapshot', 'save', join(folder, 'reference.db'));
    expect(save().code).toBe(0);
    expect(hashOf(work('capture/etcd.db'))).toBe(hashOf(join(folder, 'reference.db')));
  });
});

describe('a snapshot that cannot be whole leaves nothing behind', () => {
  const expectNothing = (outcome: Outcome, message: string): void => {
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain(`error: ${message}`);
    expect(tree(work('capture'))).toEqual([]);
    expect(existsSync(work('run/etcd.db'))).toBe(false);
  };

  it('when nobody answers, or no client certificate is trusted', () => {
    expectNothing(
      save({ ETCD_ENDPOINT: 'https://127.0.0.1:23799' }),
      'etcd at https://127.0.0.1:23799 does not answer',
    );
    spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=stranger', '-keyout', join(folder, 'key')],
      ...['-out', join(folder, 'crt')],
    ]);
    spawnSync('chmod', ['a+r', join(folder, 'key')]);
    expectNothing(
      save({ ETCD_CERT_FILE: join(folder, 'crt'), ETCD_KEY_FILE: join(folder, 'key') }),
      `etcd at ${member.endpoint} does not answer`,
    );
  });

  const blob = (bytes: Buffer): string => `${JSON.stringify({ result: { blob: bytes.toString('base64') } })}\n`;
  const page = Buffer.alloc(512, 7);
  it.each([
    ['ends before the checksum', blob(page), 'the snapshot is incomplete: 512 bytes'],
    ['is empty', '', 'the snapshot is incomplete: 0 bytes'],
    ['has a flipped byte', blob(page) + blob(Buffer.alloc(32, 1)), 'the snapshot does not have the checksum'],
    ['holds an error', `${blob(page)}{"error":{"message":"database space exceeded"}}\n`, 'the snapshot holds an error'],
    ['is cut off within a chunk', blob(page).slice(0, 100), 'the snapshot holds an error'],
  ])('when it %s', async (_, body, message) => {
    const server = await pretend(body);
    const { port } = server.address() as { port: number };
    try {
      expectNothing(await inBackground({ ETCD_ENDPOINT: `https://127.0.0.1:${port}` }), message);
    } finally {
      server.close();
    }
  });
});

/** A member that answers the status, and the given text for a snapshot. */
async function pretend(body: string): Promise<Server> {
  const key = readFileSync(join(root, 'pki/server.key'));
  const cert = readFileSync(join(root, 'pki/server.crt'));
  const server = createServer({ key, cert }, (request, response) => {
    response.end(request.url?.endsWith('status') ? '{"version":"3.6.6"}' : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Saves while this process goes on, since it is the server. */
async function inBackground(env: Record<string, string>): Promise<Outcome> {
  const child = loop('save-snapshot.sh', KUBECTL, { ...member.environment, ...env });
  let out = '';
  let err = '';
  child.stdout?.on('data', (text) => {
    out += text;
  });
  child.stderr?.on('data', (text) => {
    err += text;
  });
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? 255)));
  return { code, out, err };
}

function loop(script: string, image: typeof KUBECTL, env: Record<string, string>): ChildProcess {
  return startLoop([...image.shell, join(folder, 'scripts', script)], {
    PATH: image.path,
    HOME: folder,
    WORK_DIR: work(),
    ...env,
  });
}

describe('a scheduled run', () => {
  it('is prepared, saved by etcdctl, proven by etcdutl, sealed without a trace in clear, and kept on the node', () => {
    expect(run(folder, 'prepare.sh', { CAPTURE_IMAGE: 'quay.io/coreos/etcd:v3.6.6' }).code).toBe(0);
    expect(existsSync(work('capture'))).toBe(true);
    member.control('snapshot', 'save', join(folder, 'etcd.db'));
    write(work('capture/etcd.db'), '');
    copyFileSync(join(folder, 'etcd.db'), work('capture/etcd.db'));
    write(work('scratch/member/snap/db'), 'in clear');
    spawnSync('chown', ['-R', 'postgres', work('scratch')]);
    writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
    const sealing = { SEAL_METHOD: 'passphrase', SEAL_PASSPHRASE_FILE: join(folder, 'passphrase') };
    expect(run(folder, 'seal.sh', { ASSET: 'etcd', TIER: 'snapshots', ...sealing }).err).toBe('');
    expect(tree(work('scratch')).concat(tree(work('capture')))).toEqual([]);
    const keep = { LOCAL_DIR: join(folder, 'local'), LOCAL_COPIES: '2' };
    expect(run(folder, 'keep-local.sh', keep)).toMatchObject({ code: 0, err: '' });
    const id = readFileSync(work('run/id'), 'utf8').trim();
    expect(tree(join(folder, 'local'))).toEqual([`${id}/backup.json`, `${id}/etcd.db.gpg`]);
    const marker = JSON.parse(readFileSync(join(folder, 'local', id, 'backup.json'), 'utf8'));
    expect(marker).toMatchObject({ asset: 'etcd', tools: { etcd: 'quay.io/coreos/etcd:v3.6.6' } });
  });
});

describe('the copies on the node', () => {
  const sealed = (id: string): void => {
    write(work('run/id'), `${id}\n`);
    write(work('outbox/etcd.db.gpg'), id);
    const sum = spawnSync('sha256sum', [work('outbox/etcd.db.gpg')], { encoding: 'utf8' }).stdout.split(' ')[0];
    write(
      work('marker/backup.json'),
      `{\n  "files": [\n    {"name": "etcd.db.gpg", "bytes": ${id.length}, "sha256": "${sum}"}\n  ]\n}\n`,
    );
  };
  const keep = (env: Record<string, string> = {}): Outcome =>
    run(folder, 'keep-local.sh', { LOCAL_DIR: join(folder, 'local'), LOCAL_COPIES: '2', ...env });

  it('are the newest few; what is not ours stays, and half copies of killed runs go', () => {
    write(join(folder, 'local/notes.txt'), 'mine');
    write(join(folder, 'local/.20240101T000000Z.partial/etcd.db.gpg'), 'half');
    spawnSync('chown', ['-R', 'postgres', join(folder, 'local')]);
    for (const minute of ['05', '10', '15', '20']) {
      sealed(`20240115T00${minute}00Z`);
      expect(keep()).toMatchObject({ code: 0, err: '' });
    }
    expect(readdirSync(join(folder, 'local')).sort()).toEqual(['20240115T001500Z', '20240115T002000Z', 'notes.txt']);
  });

  it('lose none when a new one cannot be proven, or when none should stay', () => {
    sealed('20240115T000500Z');
    expect(keep().code).toBe(0);
    sealed('20240115T001000Z');
    write(work('outbox/etcd.db.gpg'), 'something else');
    expect(keep({ LOCAL_COPIES: '1' }).err).toContain('differs from what was sealed');
    expect(keep({ LOCAL_COPIES: '0' }).err).toContain('at least one copy must be kept');
    expect(readdirSync(join(folder, 'local')).filter((name) => !name.startsWith('.'))).toEqual(['20240115T000500Z']);
  });
});

describe('freshness', () => {
  const fresh = (age: number): Outcome => {
    write(work('committed'), `${Math.floor(Date.now() / 1000) - age}\n`);
    return run(folder, 'fresh.sh', { MAX_AGE_SECONDS: '60' });
  };

  it('holds up to the planned loss, and not beyond, nor before anything is committed', () => {
    expect(run(folder, 'fresh.sh', { MAX_AGE_SECONDS: '60' }).err).toContain('nothing is committed yet');
    expect(fresh(57).code).toBe(0);
    expect(fresh(70)).toMatchObject({ code: 1, err: expect.stringContaining('at most 60 s are planned') });
  });
});

describe('a stream of three containers', () => {
  const loops: ChildProcess[] = [];
  const steps = [
    ['capture', 'save-snapshot.sh', 'seal', KUBECTL],
    ['seal', 'seal.sh', 'ship', POSTGRES],
    ['ship', 'ship.sh', 'capture', RCLONE],
  ] as const;
  const storeEnv = (): Record<string, string> => ({
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_STORE_TYPE: 'alias',
    RCLONE_CONFIG_STORE_REMOTE: join(folder, 'store'),
    STORE: 'store:backups',
    KEY_PREFIX: 'etcd/stream',
  });
  const begin = (env: Record<string, string> = {}): void => {
    writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
    for (const [step, script, next, image] of steps) {
      // Images have their shell at /bin/sh, which here is the machine's; the commands are still the image's.
      loops.push(
        loop('stream.sh', image, {
          ...{ STEP: step, STEP_SCRIPT: script, NEXT_STEP: next, FIRST_STEP: 'capture', STEP_SECONDS: '30' },
          ...{ PERIOD_SECONDS: '3', MAX_AGE_SECONDS: '60', ...member.environment, ...storeEnv() },
          ...{
            ASSET: 'etcd',
            TIER: 'stream',
            SEAL_METHOD: 'passphrase',
            SEAL_PASSPHRASE_FILE: join(folder, 'passphrase'),
          },
          ...env,
        }),
      );
    }
  };
  const stored = (): string[] => tree(join(folder, 'store'));
  const markers = (): string[] => stored().filter((name) => name.endsWith('backup.json'));
  const until = async (what: string, good: () => boolean): Promise<void> => {
    for (let attempt = 0; !good(); attempt += 1) {
      expect(attempt, `${what}: ${stored().join(' ')}`).toBeLessThan(300);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  const end = async (signal: NodeJS.Signals): Promise<(number | null)[]> =>
    Promise.all(
      loops.splice(0).map(
        (child) =>
          new Promise<number | null>((resolve) => {
            child.on('exit', resolve);
            child.kill(signal);
          }),
      ),
    );

  beforeEach(() => async () => {
    await end('SIGKILL');
  });

  it('commits one snapshot per period, each of them whole, and writes down the age of the newest', async () => {
    begin();
    const newest = (): number => (existsSync(work('committed')) ? Number(readFileSync(work('committed'), 'utf8')) : 0);
    const times = (): number[] => markers().map((name) => secondsOf(name.split('/')[3] ?? ''));
    // The marker is stored a moment before it is read back, and only then does the stream call itself fresh.
    await until('three commits', () => times().length >= 3 && newest() === times().at(-1));
    expect(await end('SIGTERM')).toEqual([143, 143, 143]);
    const [first = 0, , third = 0] = times();
    expect(third - first).toBeGreaterThanOrEqual(6);
    expect(run(folder, 'fresh.sh', { MAX_AGE_SECONDS: '60' }).code).toBe(0);
    const sealed = join(folder, 'store', markers()[0] ?? '', '../etcd.db.gpg');
    const options = [
      '--batch',
      '--quiet',
      '--pinentry-mode',
      'loopback',
      '--passphrase-file',
      join(folder, 'passphrase'),
    ];
    spawnSync('gpg', ['--homedir', root, ...options, '--output', join(folder, 'opened.db'), '--decrypt', sealed]);
    expect(restoredKeys(join(folder, 'opened.db'), join(folder, 'restored'))).toBeGreaterThanOrEqual(KEYS);
  });

  it('goes on after a failed step, in the next period, with a snapshot of its own', async () => {
    const broken = join(folder, 'passphrase');
    begin();
    await until('a commit', () => markers().length >= 1);
    writeFileSync(broken, '');
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const before = markers().length;
    writeFileSync(broken, 'correct horse\n');
    await until('a later commit', () => markers().length > before);
  });

  it('leaves no marker of a cycle that a signal ended', async () => {
    begin({ PERIOD_SECONDS: '1' });
    await until('a commit', () => markers().length >= 1);
    await until('a cycle', () => readFileSync(work('turn'), 'utf8').trim() !== 'capture');
    await end('SIGTERM');
    const before = markers();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(markers()).toEqual(before);
  });
});

/** Seconds since 1970 of a run id. */
function secondsOf(id: string): number {
  return Date.parse(id.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')) / 1000;
}
