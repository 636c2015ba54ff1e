import { join } from 'node:path';
import { KUBELET } from '../../test/cluster/machine/node';
import { attempt, pause } from '../../test/cluster/machine/run';
import { CGROUP, cgroupHierarchies, sandboxed } from '../../test/cluster/machine/sandbox';
import { evidence, finish, podsOf, type Run, start } from '../../test/cluster/support/jobs';
import type { KubernetesObject } from '../../test/cluster/support/kubectl';

/** How long a run took. */
export interface TimeFigures {
  /** From the begin of its first step to the end of its last. */
  readonly seconds: number;
  /** Seconds of each step, by its name. */
  readonly steps: Readonly<Record<string, number>>;
  readonly log: string;
}

/** What a run has used, against what its manifest allows, in bytes. */
export interface UseFigures {
  readonly steps: readonly StepUse[];
  /** Most that its workspace has held. */
  readonly disk: number;
  /** What the claim of the workspace asks for. */
  readonly diskRequest: number;
}

/** What a container of a run has used. */
export interface StepUse {
  readonly name: string;
  /** Highest resident memory seen: what the kernel cannot take back. */
  readonly memory: number;
  /** Limit in the manifest. */
  readonly memoryLimit: number;
}

/** Runs a CronJob to its end and takes the time of its steps. It is looked at seldom, since looks cost time of the processors that it runs on. */
export async function time(namespace: string, cronJob: string): Promise<TimeFigures> {
  const run = await start(namespace, cronJob);
  let pod: KubernetesObject | undefined;
  do {
    await pause(5);
    [pod] = await podsOf(run);
  } while (!(await succeeded(run, pod)));
  const log = await evidence(run);
  await finish(run);
  const states = statusesOf(pod).map(({ name, state }) => ({ name, ...state.terminated }));
  return {
    seconds: between(states[0]?.startedAt, states.at(-1)?.finishedAt),
    steps: Object.fromEntries(states.map(({ name, startedAt, finishedAt }) => [name, between(startedAt, finishedAt)])),
    log,
  };
}

/** Runs a CronJob to its end and looks at the memory of its containers twice a second, and at its workspace every two seconds. */
export async function watch(namespace: string, cronJob: string): Promise<UseFigures> {
  const run = await start(namespace, cronJob);
  const memory = new Map<string, number>();
  let disk = 0;
  let pod: KubernetesObject | undefined;
  for (let look = 0, ended = false; !ended; look += 1) {
    if (look % 4 === 0) {
      [pod] = await podsOf(run);
      ended = await succeeded(run, pod);
      disk = Math.max(disk, pod === undefined ? 0 : await workspaceOf(pod));
    }
    for (const [container, bytes] of pod === undefined ? [] : await residentOf(pod)) {
      memory.set(container, Math.max(bytes, memory.get(container) ?? 0));
    }
    await pause(0.5);
  }
  await finish(run);
  return useOf(pod as KubernetesObject, memory, disk);
}

/** Whether a pod has ended well; one that has not is an error. */
async function succeeded(run: Run, pod: KubernetesObject | undefined): Promise<boolean> {
  if (pod?.status.phase === 'Failed') {
    throw new Error(`${run.job} failed\n${await evidence(run)}`);
  }
  return pod?.status.phase === 'Succeeded';
}

function useOf(pod: KubernetesObject, memory: ReadonlyMap<string, number>, disk: number): UseFigures {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers] as Container[];
  const steps = statusesOf(pod).map(({ name, containerID }) => ({
    name,
    memory: memory.get(containerID.replace('containerd://', '')) ?? 0,
    memoryLimit: bytesOf(containers.find((container) => container.name === name)?.resources.limits.memory ?? '0'),
  }));
  const claim = pod.spec.volumes.find(({ name }: { name: string }) => name === 'work')?.ephemeral;
  return { steps, disk, diskRequest: bytesOf(claim?.volumeClaimTemplate.spec.resources.requests.storage ?? '0') };
}

interface Status {
  readonly name: string;
  readonly containerID: string;
  readonly state: { readonly terminated: { readonly startedAt: string; readonly finishedAt: string } };
}

interface Container {
  readonly name: string;
  readonly resources: { readonly limits: { readonly memory: string } };
}

/** Statuses of all steps of a pod that has ended, in their order. */
function statusesOf(pod: KubernetesObject | undefined): Status[] {
  return [...(pod?.status.initContainerStatuses ?? []), ...(pod?.status.containerStatuses ?? [])];
}

function between(from = '', to = ''): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

function bytesOf(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(\D*)$/.exec(quantity) ?? [];
  return Number(number) * (UNITS[unit] ?? Number.NaN);
}

/** Resident bytes of each container of a pod, by the container's id. */
async function residentOf(pod: KubernetesObject): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const hierarchy of await cgroupHierarchies()) {
    // Version 1 counts what is resident as total_rss, version 2 as anon. Groups go while they are looked for.
    const groups = ['-path', `*/pod${pod.metadata.uid}/*/memory.stat`, '-exec', 'grep', '-HE', '^(total_rss|anon) '];
    const { out } = await attempt(['find', join(hierarchy, CGROUP), ...groups, '{}', '+']);
    for (const [, container = '', bytes] of out.matchAll(/\/([^/]+)\/memory\.stat:\w+ (\d+)$/gm)) {
      found.set(container, Number(bytes));
    }
  }
  return found;
}

/** Bytes in the workspace of a pod. */
async function workspaceOf(pod: KubernetesObject): Promise<number> {
  const folder = join(KUBELET, 'pods', pod.metadata.uid, 'volumes');
  // Only the cluster itself sees what is mounted there.
  const { out } = await attempt(await sandboxed(['find', folder, '-type', 'f', '-printf', '%s\\n']));
  return out.split('\n').reduce((sum, size) => sum + Number(size), 0);
}
