import type { DatabasePlan, DumpPlan, DumpTierPlan } from '../../../lib';
import { newRun } from './runs';
import type { Store } from './store';

/** Names of the files of a committed run of a sealed directory dump. */
export const RUN_FILES = ['backup.json', 'database.tar.gpg', 'globals.sql.gpg'] as const;

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

/** Runs a tier's job to its success and returns the id of the new run. */
export function dump(plan: DatabasePlan, store: Store, tier: DumpTierPlan): Promise<string> {
  return newRun(store, tier, plan.namespace, tier.jobName);
}
