import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabasePlan } from '../../../lib';
import { volumeFolder } from '../machine/csi';
import { kubectl, list, remove, tryKubectl } from '../support/kubectl';
import { allowLastRequests } from '../support/watch';
import { OWN_CLUSTER } from '../support/which-cluster';

/** What may happen to a database. */
export enum Disaster {
  /** Somebody deletes the Cluster, and with it its claims. */
  DELETED = 'Cluster deleted with its claims',
  /** The node dies, and what its disks held is gone. */
  WIPED = 'storage of the node wiped',
}

const DISASTERS = [Disaster.DELETED, Disaster.WIPED] as const;

/** The disasters of some runs, in turns, so that a few runs have both; the first is drawn. */
export function disasterOf(run: number, drawn: number): Disaster {
  const turn = Math.floor(drawn * DISASTERS.length) + run;
  return DISASTERS[turn % DISASTERS.length] ?? Disaster.DELETED;
}

/** Lets it happen. No instance is given the time to archive what it still has. */
export async function strike(disaster: Disaster, { name, namespace }: DatabasePlan): Promise<void> {
  await allowLastRequests(namespace, name);
  if (disaster === Disaster.WIPED) {
    await Promise.all((await volumesOf(name, namespace)).map(wipe));
    await kill(name, namespace);
    return;
  }
  await kubectl(['delete', 'cluster', name, '-n', namespace, '--wait=false']);
  await kill(name, namespace);
  await kubectl(['delete', 'pvc', '-n', namespace, '-l', selectorOf(name), '--wait=false']);
}

/** What somebody does who has seen that nothing in the Cluster is worth keeping. */
export async function giveUp({ name, namespace }: DatabasePlan): Promise<void> {
  await remove('cluster', name, namespace);
  await kill(name, namespace);
}

/** The processes of a node that dies get no signal that they could act on. */
async function kill(name: string, namespace: string): Promise<void> {
  await tryKubectl(['delete', 'pods', '-n', namespace, '-l', selectorOf(name), '--grace-period=0', '--force']);
}

/** Handles of all volumes of a Cluster. */
async function volumesOf(name: string, namespace: string): Promise<string[]> {
  if (!OWN_CLUSTER) {
    throw new Error('only the storage of our own cluster is wiped');
  }
  const claims = await list('pvc', namespace, selectorOf(name));
  const names = new Set(claims.map(({ spec }) => String(spec.volumeName)));
  const volumes = (await list('pv', '')).filter(({ metadata }) => names.has(metadata.name));
  if (volumes.length === 0 || volumes.length !== claims.length) {
    throw new Error(`${claims.length} claims of ${name} have ${volumes.length} volumes`);
  }
  return volumes.map(({ spec }) => String(spec.csi.volumeHandle));
}

async function wipe(handle: string): Promise<void> {
  const folder = volumeFolder(handle);
  const entries = await readdir(folder);
  await Promise.all(entries.map((entry) => rm(join(folder, entry), { recursive: true, force: true, maxRetries: 10 })));
}

function selectorOf(cluster: string): string {
  return `cnpg.io/cluster=${cluster}`;
}
