import type { VolumePlan } from './volume-plan';

/** Seconds of each tier's period; of the tier `all` every snapshot is wanted. */
const PERIODS: Readonly<Record<string, number>> = { hourly: 3600, daily: 86400, weekly: 604800 };

/** The most snapshots of one claim that exist at a time: kept ones, and expired ones that no prune has removed yet, of failed prunes too. */
export function snapshotsPerClaim({ tiers, run, prune, keepAtLeast }: VolumePlan): number {
  const spaced = tiers.map(({ name, keepSeconds }) => ({
    keepSeconds,
    gap: Math.max(run.shortestGap, PERIODS[name] ?? 0),
  }));
  let younger = 0;
  let kept = 0;
  // From young to old: in each stretch of age the densest tier that reaches so far decides.
  for (const age of spaced.map(({ keepSeconds }) => keepSeconds).sort((a, b) => a - b)) {
    const gap = Math.min(...spaced.filter(({ keepSeconds }) => keepSeconds >= age).map((tier) => tier.gap));
    kept += Math.ceil((age - younger) / gap);
    younger = age;
  }
  // The first of a period may be almost a period older than the tier's other end.
  const expired = Math.ceil(prune.run.worstCaseLoss / run.shortestGap);
  return Math.max(kept + tiers.length, keepAtLeast) + expired;
}

/** Seconds for which every snapshot is wanted, whatever its place in an hour, day or week; zero when some are expired at once. */
export function shortestKeep({ tiers, run }: VolumePlan): number {
  const whole = tiers.filter(({ name }) => run.shortestGap >= (PERIODS[name] ?? 0));
  return Math.max(0, ...whole.map(({ keepSeconds }) => keepSeconds));
}
