import type {
  DisasterRecoveryConfig,
  OneOffSnapshotConfig,
  QuiesceConfig,
  SnapshotClassConfig,
  VolumeConfig,
} from '../config';
import { DEFAULTS, formatSeconds, SnapshotDeletionPolicy, secondsOf, volumeJobNames, volumePath } from '../config';
import type { Assumptions } from './assumptions';
import { planPrune } from './plan-prune';
import type { AssetSummary } from './recovery-plan';
import { measuredOr } from './restore-estimate';
import { givenOrDerived, nearestSchedule, scheduledRun } from './scheduled-run';
import type { OneOffSnapshotPlan, QuiescePlan, SnapshotClassPlan, SnapshotTierPlan, VolumePlan } from './volume-plan';

/** Seconds of a run that are left for the records, once the snapshots are ready. */
const RECORD_SECONDS = 60;

/** Resolves a volume asset: every name, label, number and prefix that its manifests share. Its records cannot be removed for `immutable` seconds. */
export function planVolume(
  volume: VolumeConfig,
  config: DisasterRecoveryConfig,
  assumptions: Assumptions,
  immutable: number,
): VolumePlan {
  const { retention, claimSelector, quiesce } = volume;
  const names = volumeJobNames(volume);
  const deadline = secondsOf(volume.deadline ?? DEFAULTS.volumes.deadline);
  const schedule = givenOrDerived(volume.schedule, secondsOf(volume.objective.rpo), deadline, assumptions);
  const declared = (config.snapshotClasses ?? []).find(({ name }) => name === volume.snapshotClassName);
  return {
    name: volume.name,
    namespace: volume.namespace ?? config.namespace,
    claims: [...(volume.claims ?? [])],
    claimSelector: selectorOf(claimSelector ?? {}),
    snapshotClassName: volume.snapshotClassName,
    ...(declared === undefined ? {} : { driver: declared.driver }),
    labels: snapshotLabels(config.site, volume.name),
    jobName: names.snapshot,
    serviceAccountName: names.account,
    prefix: `${volumePath(volume)}/${volume.name}`,
    run: scheduledRun(schedule, volume.schedule === undefined, deadline, assumptions),
    readySeconds: deadline - RECORD_SECONDS,
    tiers: tiersOf(volume),
    keepSeconds: secondsOf(retention.longest()),
    keepAtLeast: retention.keepAtLeast,
    ...(quiesce === undefined ? {} : { quiesce: planQuiesce(quiesce) }),
    abandonedAfter: secondsOf(DEFAULTS.abandonedAfter),
    prune: planPrune(names.prune, volume.pruneSchedule ?? DEFAULTS.volumes.pruneSchedule, assumptions, immutable),
  };
}

/** What the snapshots of a volume asset guarantee. */
export function summarizeVolume(
  volume: VolumeConfig,
  plan: VolumePlan,
  path: string,
  assumptions: Assumptions,
): AssetSummary {
  const rpo = secondsOf(volume.objective.rpo);
  const kept = plan.tiers.map(({ name, keepSeconds }) => `${name} ${formatSeconds(keepSeconds)}`).join(', ');
  return {
    asset: `volumes ${volume.name}`,
    path,
    rpo,
    rto: secondsOf(volume.objective.rto),
    protections: [
      {
        protection: 'volume snapshots',
        path: `${path}.schedule`,
        schedule: plan.run.description,
        worstCaseLoss: plan.run.worstCaseLoss,
        nearest: nearestSchedule(rpo, plan.run.deadline, assumptions),
        restore: measuredOr(
          volume.measuredRestore,
          [{ name: 'volume', seconds: assumptions.snapshotRestore }],
          assumptions,
        ),
        retention: `${kept}, at least ${plan.keepAtLeast}`,
      },
    ],
  };
}

/** Resolves a VolumeSnapshotClass. */
export function planSnapshotClass(config: SnapshotClassConfig): SnapshotClassPlan {
  return {
    name: config.name,
    driver: config.driver,
    deletionPolicy: config.deletionPolicy ?? SnapshotDeletionPolicy.RETAIN,
    parameters: { ...config.parameters },
    isDefault: config.isDefault ?? false,
  };
}

/** Resolves a snapshot that is taken once. */
export function planOneOffSnapshot(config: OneOffSnapshotConfig, namespace: string): OneOffSnapshotPlan {
  const { name, claim, snapshotClassName } = config;
  return { name, claim, snapshotClassName, namespace: config.namespace ?? namespace };
}

/** Labels of an asset's scheduled snapshots, by which they are found and pruned; what lacks one of them is somebody else's. */
function snapshotLabels(site: string, asset: string): Record<string, string> {
  return {
    'app.kubernetes.io/managed-by': 'cdk8s-dr',
    'app.kubernetes.io/part-of': `${site}-dr`,
    'cdk8s-dr/asset': asset,
    'cdk8s-dr/tier': 'scheduled',
  };
}

function planQuiesce(quiesce: QuiesceConfig): QuiescePlan {
  return {
    podSelector: selectorOf(quiesce.podLabels),
    container: quiesce.container ?? '',
    before: [...quiesce.before],
    after: [...quiesce.after],
    seconds: secondsOf(quiesce.timeout ?? DEFAULTS.volumes.quiesceTimeout),
  };
}

function tiersOf({ retention }: VolumeConfig): SnapshotTierPlan[] {
  const { all, hourly, daily, weekly } = retention.tiers;
  return Object.entries({ all, hourly, daily, weekly }).flatMap(([name, duration]) =>
    duration === undefined ? [] : [{ name, keepSeconds: secondsOf(duration) }],
  );
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
