import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { attempt, run, until } from './run';
import { cgroupHierarchies } from './sandbox';

/** A second cluster beside the one under test. */
const NAME = 'cdk8s-dr-second';
const ENV = { ...process.env, CDK8S_DR_CLUSTER: NAME };
const CLI = ['npx', 'tsx', 'test/cluster/machine/cli.ts'];

describe('npm run cluster:*', () => {
  afterAll(() => run([...CLI, 'down'], { env: ENV }));

  it('recovers from a start that was killed', async () => {
    const child = spawn(CLI[0] ?? '', [...CLI.slice(1), 'up'], { env: ENV, stdio: 'ignore', detached: true });
    await until('half a cluster', 60, async () => (existsSync(`/var/lib/${NAME}/logs/etcd.log`) ? '' : 'not yet'), 50);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    expect((await attempt([...CLI, 'status'], { env: ENV })).out).toContain('was not started to its end');
    await run([...CLI, 'up'], { env: ENV });
    expect((await attempt([...CLI, 'status'], { env: ENV })).out).toContain('the cluster is running');
  });

  it('does nothing when it runs already', async () => {
    const answer = await attempt([...CLI, 'up'], { env: ENV });
    expect(answer.err).toContain('the cluster is running');
    expect(answer.code).toBe(0);
  });

  it('listens on nothing outside its own network namespace', async () => {
    const before = await listeners();
    await run([...CLI, 'down'], { env: ENV });
    expect(await listeners()).toEqual(before);
  });

  it('leaves no process, mount, namespace or control group behind', async () => {
    expect(existsSync(`/var/lib/${NAME}`)).toBe(false);
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(NAME);
    for (const hierarchy of await cgroupHierarchies()) {
      expect(existsSync(join(hierarchy, NAME))).toBe(false);
    }
    expect(await processesOf(NAME)).toEqual([]);
    expect((await attempt([...CLI, 'status'], { env: ENV })).code).toBe(1);
  });
});

/** TCP sockets that listen in the namespace of this process. */
async function listeners(): Promise<string[]> {
  const text = await run(['ss', '-Hltn']);
  return text
    .split('\n')
    .map((line) => line.split(/\s+/)[3] ?? '')
    .sort();
}

/** Processes whose command line or working folder names the cluster. */
async function processesOf(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (command.includes(name) || folder.includes(name)) {
      found.push(command.replaceAll('\0', ' '));
    }
  }
  return found;
}
