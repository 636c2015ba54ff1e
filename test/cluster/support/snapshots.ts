import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EtcdPlan } from '../../../lib';
import { attempt, run, until } from '../machine/run';
import { PASSPHRASE } from './provide';
import type { Site } from './site';
import type { Store } from './store';
import { program } from './which-cluster';

const OPEN = `set -eu
cd /work
cat >passphrase
gpg --batch --quiet --pinentry-mode loopback --passphrase-file passphrase --decrypt etcd.db.gpg
`;

/** The plan of a site's etcd. */
export function etcdPlanOf({ plan }: Site): EtcdPlan {
  if (plan.etcd === undefined) {
    throw new Error(`site ${plan.site} does not protect etcd`);
  }
  return plan.etcd;
}

/** When a run began, in seconds since 1970. */
export function begunAt(id: string): number {
  return Date.parse(id.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')) / 1000;
}

/** Downloads a snapshot and opens it with stock gpg. */
export async function openSnapshot(store: Store, key: string): Promise<Buffer> {
  await store.download(`${key}/etcd.db.gpg`, '/work/etcd.db.gpg');
  const opened = await store.toolbox.attempt('postgres', ['sh', '-c', OPEN], `${PASSPHRASE}\n`);
  if (opened.code !== 0) {
    throw new Error(`${key} cannot be opened: ${opened.err}`);
  }
  return opened.bytes;
}

/** Restores a snapshot as docs/etcd.md says into a member of its own, and returns what a key of it holds. */
export async function readFromRestored(snapshot: Buffer, key: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dr-etcd-'));
  const client = 'http://127.0.0.1:23795';
  const peer = 'http://127.0.0.1:23796';
  const member = ['--name', 'scratch', '--initial-cluster', `scratch=${peer}`, '--initial-advertise-peer-urls', peer];
  try {
    const file = join(folder, 'etcd.db');
    await writeFile(file, snapshot);
    const data = ['--data-dir', join(folder, 'data')];
    const bump = ['--bump-revision', '1000000000', '--mark-compacted'];
    await run([program('etcdutl'), 'snapshot', 'restore', file, ...data, ...member, ...bump]);
    const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer];
    const server = spawn(program('etcd'), [...data, ...member, ...urls], { stdio: 'ignore' });
    try {
      let value = '';
      await until('restored member', 30, async () => {
        const answer = await attempt([program('etcdctl'), `--endpoints=${client}`, 'get', '--print-value-only', key]);
        value = answer.out;
        return answer.code === 0 ? '' : answer.err;
      });
      return value;
    } finally {
      server.kill('SIGKILL');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
