import { DEFAULTS, secondsOf } from '../config';
import type { Schedule } from '../schedule';
import type { Assumptions } from './assumptions';
import type { PrunePlan } from './recovery-plan';
import { scheduledRun } from './scheduled-run';

/** Listing and deleting takes minutes at most, in seconds. */
const PRUNE_DEADLINE = 900;

/** Plans the job that removes expired runs of one asset, from a store that protects what it holds for `immutable` seconds. */
export function planPrune(
  jobName: string,
  schedule: Schedule | undefined,
  assumptions: Assumptions,
  immutable: number,
): PrunePlan {
  const { pruneSchedule, abandonedAfter } = DEFAULTS;
  return {
    jobName,
    run: scheduledRun(schedule ?? pruneSchedule, false, PRUNE_DEADLINE, assumptions),
    // Litter that the store still protects would fail every prune until it may be removed.
    abandonedAfter: Math.max(secondsOf(abandonedAfter), immutable),
  };
}
