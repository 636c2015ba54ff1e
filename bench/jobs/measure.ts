import { join } from 'node:path';
import { KUBELET } from '../../test/cluster/machine/node';
import { attempt, pause } from '../../test/cluster/machine/run';
import { CGROUP, cgroupHierarchies, sandboxed } from '../../test/cluster/machine/sandbox';
import { evidence, finish, podsOf, start } from '../../test/cluster/support/jobs';
import type { KubernetesObject } from '../../test/cluster/support/kubectl';

/** What a container of a run has used. */
export interface StepFigures {
  readonly name: string;
  readonly seconds: number;
  /** Highest resident memory seen, in bytes: what the kernel cannot take back. */
  readonly memory: number;
  /** Limit in the manifest, in bytes. */
  readonly memoryLimit: number;
}

/** What a run has used. */
export interface RunFigures {
  /** From the begin of its first step to the end of its last. */
  readonly seconds: number;
  readonly steps: readonly StepFigures[];
  /** Most bytes that its workspace has held. */
  readonly disk: number;
  /** What the claim of the workspace asks for. */
  readonly diskRequest: number;
  readonly log: string;
}

/** Runs a CronJob to its end and looks at its containers and its workspace meanwhile, twice a second. */
export async function measure(namespace: string, cronJob: string): Promise<RunFigures> {
  const run = await start(namespace, cronJob);
  const memory = new Map<string, number>();
  let disk = 0;
  let pod: KubernetesObject | undefined;
  for (let look = 0; ; look += 1) {
    if (look % 4 === 0) {
      [pod] = await podsOf(run);
    }
    const { phase = 'Pending' } = pod?.status ?? {};
    if (phase === 'Failed') {
      throw new Error(`${run.job} failed\n${await evidence(run)}`);
    }
    if (pod !== undefined && phase === 'Succeeded') {
      break;
    }
    if (pod !== undefined) {
      for (const [container, bytes] of await residentOf(pod.metadata.uid)) {
        memory.set(container, Math.max(bytes, memory.get(container) ?? 0));
      }
      disk = Math.max(disk, look % 4 === 0 ? await workspaceOf(pod) : 0);
    }
    await pause(0.5);
  }
  const log = await evidence(run);
  await finish(run);
  return figuresOf(pod, memory, disk, log);
}

function figuresOf(pod: KubernetesObject, memory: Map<string, number>, disk: number, log: string): RunFigures {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...pod.status.containerStatuses] as Status[];
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers] as Container[];
  const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
  const steps = statuses.map(({ name, containerID, state: { terminated } }) => ({
    name,
    seconds: seconds(terminated.startedAt, terminated.finishedAt),
    memory: memory.get(containerID.replace('containerd://', '')) ?? 0,
    memoryLimit: bytesOf(containers.find((container) => container.name === name)?.resources.limits.memory ?? '0'),
  }));
  const first = statuses[0]?.state.terminated.startedAt ?? '';
  const last = statuses.at(-1)?.state.terminated.finishedAt ?? '';
  const claim = pod.spec.volumes.find(({ name }: { name: string }) => name === 'work')?.ephemeral;
  const diskRequest = bytesOf(claim?.volumeClaimTemplate.spec.resources.requests.storage ?? '0');
  return { seconds: seconds(first, last), steps, disk, diskRequest, log };
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

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

function bytesOf(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(\D*)$/.exec(quantity) ?? [];
  return Number(number) * (UNITS[unit] ?? Number.NaN);
}

/** Resident bytes of each container of a pod, by the container's id. */
async function residentOf(uid: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const hierarchy of await cgroupHierarchies()) {
    // Version 1 counts what is resident as total_rss, version 2 as anon. Groups go while they are looked for.
    const groups = ['-path', `*/pod${uid}/*/memory.stat`, '-exec', 'grep', '-HE', '^(total_rss|anon) ', '{}', '+'];
    const { out } = await attempt(['find', join(hierarchy, CGROUP), ...groups]);
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
