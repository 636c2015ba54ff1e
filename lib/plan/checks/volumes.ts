import type { DisasterRecoveryConfig, VolumeConfig } from '../../config';
import { formatSeconds, SnapshotDriver, snapshotParameter } from '../../config';
import { diskLimits } from '../disk-limits';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import { shortestKeep, snapshotsPerClaim } from '../snapshot-count';
import type { VolumePlan } from '../volume-plan';
import { checkDeadline } from './runs';

const DAY = 86400;

/** Taking a snapshot and recording it takes about this long, in seconds. */
const SNAPSHOT_SECONDS = 60;

/** Background copies of large disks take hours; below an hour a run is killed before its snapshots are ready. */
const BACKGROUND_COPY_SECONDS = 3600;

/** One volume asset, and all of its site, as every check below sees it. */
export interface VolumeUnderCheck {
  readonly site: DisasterRecoveryConfig;
  readonly config: VolumeConfig;
  readonly plan: VolumePlan;
  readonly all: readonly VolumePlan[];
  readonly path: string;
}

/** Runs every check of a volume asset. */
export function checkVolume(volume: VolumeUnderCheck): Finding[] {
  const { plan, path } = volume;
  return [
    ...checkDeadline({
      asset: `volumes ${plan.name}`,
      path: `${path}.deadline`,
      run: plan.run,
      needs: SNAPSHOT_SECONDS,
      what: 'the snapshots',
    }),
    ...checkCount(volume),
    ...checkRate(volume),
    ...checkLock(volume),
    ...checkBackgroundCopy(volume),
  ];
}

/** A provider refuses the next snapshot of a disk that has too many, and then there are no more backups. */
function checkCount({ plan, all, path }: VolumeUnderCheck): Finding[] {
  const limit = diskLimits(plan.driver).count;
  const count = sharingClaims(plan, all).reduce((sum, other) => sum + snapshotsPerClaim(other), 0);
  return limit === undefined || count <= limit
    ? []
    : [
        {
          ...about(plan, `${path}.retention`),
          rule: 'snapshots-exceed-limit',
          actual: String(count),
          limit: String(limit),
          message: `up to ${count} snapshots of one disk exist at a time, with expired ones that wait to be pruned; ${plan.driver} allows ${limit}`,
          fix: 'keep every copy for a shorter time and thin the older ones out with Retention.tiered, or take and prune them at other times',
        },
      ];
}

/** A provider refuses snapshots of a disk that follow each other too fast. */
function checkRate({ plan, all, path }: VolumeUnderCheck): Finding[] {
  const rate = diskLimits(plan.driver).rate;
  if (rate === undefined) {
    return [];
  }
  const creations = sharingClaims(plan, all).reduce(
    (sum, { run }) => sum + Math.ceil(rate.seconds / run.shortestGap),
    0,
  );
  return creations <= rate.creations
    ? []
    : [
        {
          ...about(plan, `${path}.schedule`),
          rule: 'snapshots-too-fast',
          actual: `${creations} in ${formatSeconds(rate.seconds)}`,
          limit: `${rate.creations} in ${formatSeconds(rate.seconds)}`,
          message: `${plan.driver} refuses more than ${rate.creations} snapshots of one disk in ${formatSeconds(rate.seconds)}`,
          fix: `take them every ${formatSeconds(Math.ceil(rate.seconds / rate.creations))} or less often`,
        },
      ];
}

/** What is locked cannot be pruned. */
function checkLock({ site, plan, path }: VolumeUnderCheck): Finding[] {
  const parameters = (site.snapshotClasses ?? []).find(({ name }) => name === plan.snapshotClassName)?.parameters;
  const days = plan.driver === SnapshotDriver.AWS_EBS ? Number(parameters?.lockDuration ?? 0) : 0;
  const kept = shortestKeep(plan);
  return days * DAY <= kept
    ? []
    : [
        {
          ...about(plan, `${path}.retention`),
          rule: 'lock-exceeds-retention',
          actual: formatSeconds(kept),
          limit: formatSeconds(days * DAY),
          message: `snapshots are locked for ${days} days, but some expire after ${formatSeconds(kept)} and could not be removed`,
          fix: `keep all copies for at least ${days} days, or set lockDuration to ${Math.max(1, Math.floor(kept / DAY))} or less`,
        },
      ];
}

/** PremiumV2 and Ultra disks: a snapshot is ready only after its background copy, and three may be pending. */
function checkBackgroundCopy({ site, config, plan, path }: VolumeUnderCheck): Finding[] {
  const snapshotClass = (site.snapshotClasses ?? []).find(({ name }) => name === plan.snapshotClassName);
  const instant = snapshotParameter(plan.driver ?? '', snapshotClass?.parameters, 'instantAccessDurationMinutes');
  const enough = plan.run.deadline >= BACKGROUND_COPY_SECONDS || instant !== undefined;
  return config.backgroundCopy !== true || enough
    ? []
    : [
        {
          ...about(plan, `${path}.deadline`),
          severity: Severity.WARNING,
          rule: 'background-copy',
          actual: formatSeconds(plan.run.deadline),
          limit: formatSeconds(BACKGROUND_COPY_SECONDS),
          message:
            'snapshots of PremiumV2 and Ultra disks become ready only after a background copy, of which three may be pending per disk',
          fix: 'set instantAccessDurationMinutes in the snapshot class (driver 1.34.3 or later), or allow an hour',
        },
      ];
}

/** The asset itself, and others that take snapshots of one of its claims. */
function sharingClaims(plan: VolumePlan, all: readonly VolumePlan[]): VolumePlan[] {
  const others = all.filter(
    (other) =>
      other.name !== plan.name &&
      other.namespace === plan.namespace &&
      other.claims.some((claim) => plan.claims.includes(claim)),
  );
  return [plan, ...others];
}

function about(plan: VolumePlan, path: string): Pick<Finding, 'asset' | 'path' | 'severity'> {
  return { asset: `volumes ${plan.name}`, path, severity: Severity.ERROR };
}
