import { createHash } from 'node:crypto';
import type { DatabasePlan, DumpPlan, DumpTierPlan } from '../../../lib';
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

/** Names of the files of a committed run of a sealed directory dump. */
export const RUN_FILES = ['backup.json', 'database.tar.gpg', 'globals.sql.gpg'] as const;

/** Format of a run's id: the UTC time of its capture. */
export const RUN_ID = /^\d{8}T\d{6}Z$/;

/** The dump plan of a database that has one. */
export function dumpsOf(plan: DatabasePlan): DumpPlan {
  if (plan.dumps === undefined) {
    throw new Error(`database ${plan.name} has no dumps`);
  }
  return plan.dumps;
}

/** A tier by its name. */
export function tierOf(plan: DatabasePlan, name: string): DumpTierPlan {
  const tier = dumpsOf(plan).tiers.find((candidate) => candidate.name === name);
  if (tier === undefined) {
    throw new Error(`database ${plan.name} has no tier ${name}`);
  }
  return tier;
}

/** Ids of the runs of a tier that have stored anything, oldest first. */
export async function runIds(store: Store, tier: Series): Promise<string[]> {
  const keys = await store.list(tier.prefix);
  return [...new Set(keys.map((key) => key.slice(tier.prefix.length + 1).split('/')[0] ?? ''))].sort();
}

/** Ids of the committed runs of a tier, oldest first. */
export async function committedIds(store: Store, tier: Series): Promise<string[]> {
  const keys = await store.list(tier.prefix);
  return keys
    .filter((key) => key.endsWith('/backup.json'))
    .map((key) => key.slice(tier.prefix.length + 1).split('/')[0] ?? '');
}

/** Runs a tier's job to its success and returns the id of the new run. */
export async function dump(plan: DatabasePlan, store: Store, tier: DumpTierPlan): Promise<string> {
  const before = await runIds(store, tier);
  await runToSuccess(plan.namespace, tier.jobName);
  const fresh = (await runIds(store, tier)).filter((id) => !before.includes(id));
  if (fresh.length !== 1 || fresh[0] === undefined) {
    throw new Error(`one run should be new below ${tier.prefix}; there are ${fresh.join(', ') || 'none'}`);
  }
  return fresh[0];
}

/** Reads the marker of a run. */
export async function markerOf(store: Store, tier: Series, id: string): Promise<Marker> {
  return JSON.parse((await store.read(`${tier.prefix}/${id}/backup.json`)).toString('utf8')) as Marker;
}

/** SHA-256 of some bytes, in hexadecimal. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
