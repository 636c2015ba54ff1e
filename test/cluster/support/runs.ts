import { createHash } from 'node:crypto';
import type { DumpTierPlan } from '../../../lib';
import { runToSuccess } from './jobs';
import type { Store } from './store';

/** A commit marker. */
export interface Marker {
  readonly asset: string;
  readonly tier: string;
  readonly runId: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly encryption: { readonly method: string; readonly cipher: string; readonly recipient: string };
  readonly tools: Readonly<Record<string, string>>;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/** A series of runs below one prefix. */
export type Series = Pick<DumpTierPlan, 'prefix'>;

/** Format of a run's id: the UTC time of its capture. */
export const RUN_ID = /^\d{8}T\d{6}Z$/;

/** Ids of the runs of a series that have stored anything, oldest first. */
export async function runIds(store: Store, series: Series): Promise<string[]> {
  const keys = await store.list(series.prefix);
  return [...new Set(keys.map((key) => key.slice(series.prefix.length + 1).split('/')[0] ?? ''))].sort();
}

/** Ids of the committed runs of a series, oldest first. */
export async function committedIds(store: Store, series: Series): Promise<string[]> {
  const keys = await store.list(series.prefix);
  return keys
    .filter((key) => key.endsWith('/backup.json'))
    .map((key) => key.slice(series.prefix.length + 1).split('/')[0] ?? '');
}

/** Runs a job to its success and returns the id of the one run that is new below its prefix. */
export async function newRun(store: Store, series: Series, namespace: string, jobName: string): Promise<string> {
  const before = await runIds(store, series);
  await runToSuccess(namespace, jobName);
  const fresh = (await runIds(store, series)).filter((id) => !before.includes(id));
  if (fresh.length !== 1 || fresh[0] === undefined) {
    throw new Error(`one run should be new below ${series.prefix}; there are ${fresh.join(', ') || 'none'}`);
  }
  return fresh[0];
}

/** Reads the marker of a run. */
export async function markerOf(store: Store, series: Series, id: string): Promise<Marker> {
  return JSON.parse((await store.read(`${series.prefix}/${id}/backup.json`)).toString('utf8')) as Marker;
}

/** SHA-256 of some bytes, in hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
