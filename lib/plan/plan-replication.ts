import type { DisasterRecoveryConfig, ReplicationConfig } from '../config';
import { bytesOf, DEFAULTS, folderOf, replicationNames, secondsOf } from '../config';
import type { Schedule } from '../schedule';
import { REGULAR_SCHEDULES } from '../schedule';
import { dialectOf } from '../storage';
import type { Assumptions } from './assumptions';
import type { WrittenPrefix } from './lifecycle-plan';
import { planTargetLifecycle } from './plan-target-lifecycle';
import type { AssetSummary } from './recovery-plan';
import type { OffsiteLoss, ReplicationPlan } from './replication-plan';
import { beforeNextRun, scheduledRun } from './scheduled-run';

/** Deadlines are whole multiples of it, in seconds. */
const DEADLINE_STEP = 300;

/** Each byte is copied, and read back to prove it. */
const PASSES = 2;

/** Resolves the second copy: when it runs, what it copies, and how far it may be behind. */
export function planReplication(
  replication: ReplicationConfig,
  config: DisasterRecoveryConfig,
  written: readonly WrittenPrefix[],
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): ReplicationPlan {
  const { target, keepLonger, bandwidthPerSecond } = replication;
  const names = replicationNames(replication);
  const network = { ...DEFAULTS.network, ...config.network };
  const copied = written.filter((prefix) => isCopied(prefix, replication.prefixes));
  const rate =
    bandwidthPerSecond === undefined
      ? assumptions.fetchRate
      : Math.min(bytesOf(bandwidthPerSecond), assumptions.fetchRate);
  const needs = (schedule: Schedule): number =>
    Math.ceil((PASSES * bytesBetween(copied, schedule.longestGap())) / rate);
  const { schedule, deadline } = resolveRuns(replication, needs, assumptions);
  const run = scheduledRun(schedule, replication.schedule === undefined, deadline, assumptions);
  return {
    namespace: replication.namespace ?? config.namespace,
    jobName: names.job,
    serviceAccountName: names.account,
    target,
    targetName: dialectOf(target).name,
    targetCidrs: [...(replication.targetCidrs ?? network.storeCidrs)],
    targetPort: replication.targetPort ?? network.storePort,
    run,
    lag: run.worstCaseLoss,
    runSeconds: needs(schedule),
    prefixes: copied.map(({ prefix, marker }) => ({ prefix: prefix.slice(0, -1), marker })),
    leftOut: written.filter((prefix) => !copied.includes(prefix)).map(({ prefix }) => prefix),
    ...(bandwidthPerSecond === undefined ? {} : { bandwidth: Math.floor(bytesOf(bandwidthPerSecond)) }),
    offsite: assets.map((asset) => offsiteLoss(asset, copied, run.worstCaseLoss)),
    ...(keepLonger === undefined
      ? {}
      : {
          lifecycle: planTargetLifecycle(
            copied,
            secondsOf(keepLonger),
            names.job,
            replication.namespace ?? config.namespace,
          ),
        }),
  };
}

/** Folders are compared by the rule that covers them, so that base backups are never copied without their WAL. */
function isCopied({ rulePrefix, newestOnly }: WrittenPrefix, folders: readonly string[] | undefined): boolean {
  return folders === undefined ? !newestOnly : folders.some((folder) => rulePrefix.startsWith(folderOf(folder)));
}

/** Most bytes that are written in some seconds. */
function bytesBetween(written: readonly WrittenPrefix[], seconds: number): number {
  return written.reduce((sum, { bytes, interval }) => sum + bytes * Math.ceil(seconds / interval), 0);
}

/** A longer deadline makes the lag longer, so that the deadline of a derived schedule is that of its own interval. */
function resolveRuns(
  replication: ReplicationConfig,
  needs: (schedule: Schedule) => number,
  assumptions: Assumptions,
): { readonly schedule: Schedule; readonly deadline: number } {
  const deadlineOf = (schedule: Schedule): number => {
    if (replication.deadline !== undefined) {
      return secondsOf(replication.deadline);
    }
    const generous = Math.ceil((2 * needs(schedule)) / DEADLINE_STEP) * DEADLINE_STEP;
    return beforeNextRun(Math.max(generous, secondsOf(DEFAULTS.replication.shortestDeadline)), schedule, assumptions);
  };
  const hourly = DEFAULTS.replication.schedule;
  const lag = replication.lag === undefined ? undefined : secondsOf(replication.lag);
  const schedule =
    replication.schedule ?? (lag === undefined ? hourly : scheduleForLag(lag, deadlineOf, assumptions)) ?? hourly;
  return { schedule, deadline: deadlineOf(schedule) };
}

/** The regular schedule with the longest interval whose runs meet a lag and do not overlap; undefined when none does. */
function scheduleForLag(
  lag: number,
  deadlineOf: (schedule: Schedule) => number,
  assumptions: Assumptions,
): Schedule | undefined {
  return REGULAR_SCHEDULES.filter((schedule) => {
    const { worstCaseLoss, shortestGap, startDelay, deadline } = scheduledRun(
      schedule,
      true,
      deadlineOf(schedule),
      assumptions,
    );
    return worstCaseLoss <= lag && startDelay + deadline <= shortestGap;
  }).pop();
}

/** Snapshots lie with their provider, and only what lies in the store is copied. */
function offsiteLoss(asset: AssetSummary, copied: readonly WrittenPrefix[], lag: number): OffsiteLoss {
  const kept = new Set(
    copied
      .filter((written) => written.asset === asset.asset && written.selfContained)
      .map(({ protection }) => protection),
  );
  const [best] = asset.protections
    .filter(({ protection }) => kept.has(protection))
    .sort((a, b) => a.worstCaseLoss - b.worstCaseLoss);
  return {
    asset: asset.asset,
    rpo: asset.rpo,
    ...(best === undefined ? {} : { protection: best.protection, worstCaseLoss: best.worstCaseLoss + lag }),
  };
}
