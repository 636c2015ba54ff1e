import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { say } from './log';
import { CLUSTER, STATE } from './paths';
import { attempt, run, until } from './run';

/**
 * The cluster lives in namespaces of its own: processes, mounts, network, host name. The kernel ends all of its processes and takes
 * back its mounts and network when the first process is killed, so nothing can be left behind, however a run ends.
 */
const MARK = `CDK8S_DR_SANDBOX=${CLUSTER}`;

/** Passes signals on and collects the processes whose parents are gone. */
const INIT = 'tini';

/** Folders that the cluster's programs insist on writing to; the host's are covered by empty ones. */
const COVERED = ['/run', '/var/log', '/var/lib/cni', '/var/etcd-backups'];

/** Of these, what had to be made on the machine to be covered. */
const MADE = join(STATE, 'made-folders');

/** Makes the namespaces and their first process. */
export async function createSandbox(): Promise<void> {
  await mkdir(STATE, { recursive: true });
  const made: string[] = [];
  for (const folder of COVERED) {
    if ((await mkdir(folder, { recursive: true })) !== undefined) {
      made.push(folder);
    }
  }
  await writeFile(MADE, made.join('\n'));
  const parent = spawn(
    'unshare',
    [
      ...['--fork', '--pid', '--mount-proc', '--mount', '--net', '--uts', '--ipc', '--kill-child'],
      ...['--propagation', 'private', INIT, '--', 'sleep', 'infinity'],
    ],
    { detached: true, stdio: 'ignore', env: { ...process.env, [MARK.split('=')[0] ?? '']: CLUSTER } },
  );
  parent.unref();
  await until('first process of the sandbox', 10, async () => ((await sandboxPid()) === undefined ? 'none' : ''), 20);
  // The kubelet needs mounts below its own folder to reach the pods, so these are shared within the sandbox, and with nobody outside.
  await inside(['mount', '--make-rshared', '/']);
  for (const folder of COVERED) {
    await inside(['mount', '-t', 'tmpfs', 'tmpfs', folder]);
  }
  await inside(['hostname', 'proving-ground']);
}

/** Process id of the sandbox's first process, as seen from outside, or undefined when there is no sandbox. */
export async function sandboxPid(): Promise<number | undefined> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    // The environment tells it from everybody else's processes; a file with its number could outlive it, or never be written.
    if (
      name.trim() === INIT &&
      (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0').includes(MARK)
    ) {
      return Number(pid);
    }
  }
  return undefined;
}

/** The command that runs another one inside the sandbox. */
export async function sandboxed(command: readonly string[]): Promise<string[]> {
  const pid = await sandboxPid();
  if (pid === undefined) {
    throw new Error('the cluster is not running; start it with `npm run cluster:up`');
  }
  return ['nsenter', '--target', String(pid), '--pid', '--mount', '--net', '--uts', '--ipc', '--', ...command];
}

/** Runs a command inside the sandbox to its end. */
export async function inside(command: readonly string[], input = ''): Promise<string> {
  return run(await sandboxed(command), { input });
}

let ending = false;

/** Starts a program inside the sandbox that goes on after this process; its output goes to a log file of the state folder. */
export async function startInside(
  name: string,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const [file = '', ...args] = await sandboxed(command);
  await mkdir(join(STATE, 'logs'), { recursive: true });
  const log = openSync(join(STATE, 'logs', `${name}.log`), 'a');
  const child = spawn(file, args, {
    detached: true,
    cwd: STATE,
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH, HOME: STATE, ...env },
  });
  child.on('exit', (code) => {
    if (!ending) {
      say(`${name} ended with ${code}; see ${join(STATE, 'logs', `${name}.log`)}`);
    }
  });
  child.unref();
}

/** Ends every process of the sandbox, and removes its state and control groups. Nothing else is touched. */
export async function destroySandbox(): Promise<void> {
  ending = true;
  const pid = await sandboxPid();
  if (pid !== undefined) {
    process.kill(pid, 'SIGKILL');
    await until('end of the sandbox', 60, async () => ((await sandboxPid()) === undefined ? '' : 'still there'), 50);
  }
  await removeCgroups();
  const made = await readFile(MADE, 'utf8').catch(() => '');
  for (const folder of made.split('\n').filter((name) => name !== '')) {
    // Somebody may have put something there since.
    await rmdir(folder).catch(() => undefined);
  }
  ending = false;
  // The kernel may need a moment to take back the mounts below.
  await until('removal of the state folder', 30, async () => {
    const outcome = await attempt(['rm', '-rf', '--one-file-system', STATE]);
    return outcome.code === 0 ? '' : outcome.err;
  });
}

/** Name of the control group that holds all of the cluster's pods. */
export const CGROUP = CLUSTER;

/** Folders of the machine's control group hierarchies, version 1 or 2. */
export async function cgroupHierarchies(): Promise<string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, folder = '']) => folder);
}

async function removeCgroups(): Promise<void> {
  for (const hierarchy of await cgroupHierarchies()) {
    const folder = join(hierarchy, CGROUP);
    if (existsSync(folder)) {
      await until(`removal of control group ${folder}`, 30, async () => {
        const outcome = await attempt(['find', folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
        return outcome.code === 0 ? '' : outcome.err;
      });
    }
  }
}
