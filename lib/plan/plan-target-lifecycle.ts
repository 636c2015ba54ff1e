import { LifecycleMode } from '../config';
import type { LifecyclePlan, PlannedLifecycleRule, WrittenPrefix } from './lifecycle-plan';
import { Remover } from './lifecycle-plan';
import { daysOf, withUniqueNames } from './plan-lifecycle';
import { neededFor } from './written-prefixes';

/** An upload that ended unfinished is litter after so many days. */
const ABORT_DAYS = 7;

/** Nothing is overwritten there, so that an old version is what somebody else has left. */
const VERSION_DAYS = 14;

/**
 * Rules of the second store, where no job deletes: age alone decides, also in archives. What the first store still has is copied
 * again when a rule was too early, so that a rule can only cost what the first store has lost.
 */
export function planTargetLifecycle(
  copied: readonly WrittenPrefix[],
  keepLonger: number,
  jobName: string,
  namespace: string,
): LifecyclePlan {
  const written = copied.map((prefix) => keptInTarget(prefix, keepLonger));
  const prefixes = [...new Set(written.map(({ rulePrefix }) => rulePrefix))];
  return {
    name: `${jobName}-lifecycle`,
    namespace,
    mode: LifecycleMode.ENFORCE,
    rules: withUniqueNames(
      prefixes.map((prefix) =>
        ruleFor(
          prefix,
          written.filter(({ rulePrefix }) => rulePrefix === prefix),
        ),
      ),
    ),
    written,
  };
}

function keptInTarget(written: WrittenPrefix, keepLonger: number): WrittenPrefix {
  return {
    ...written,
    remover: Remover.RULE,
    removedBy: 'the lifecycle rule only',
    retention: neededFor(written) + written.removalDelay + keepLonger,
    floor: 0,
    keepAtLeast: 0,
    removalDelay: 0,
    expiresByAge: true,
  };
}

function ruleFor(prefix: string, covered: readonly WrittenPrefix[]): PlannedLifecycleRule {
  const days = Math.max(...covered.map(({ retention }) => daysOf(retention)));
  return {
    name: prefix.slice(0, -1).replaceAll('/', '-'),
    prefix,
    deleteAfterDays: days,
    versionDays: VERSION_DAYS,
    currentDays: days,
    abortUploadDays: ABORT_DAYS,
    moves: [],
    path: 'replication.keepLonger',
    given: false,
    reason: `only this rule removes the second copies, ${days}d after they were made`,
  };
}
