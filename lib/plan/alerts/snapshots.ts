import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { diskLimits } from '../disk-limits';
import { KUBE_METRICS, SNAPSHOT_LABELS, SNAPSHOT_METRICS } from '../metrics';
import type { SnapshotSignal } from '../monitoring-plan';
import { AssetKind } from '../monitoring-plan';
import { anyOf, select } from '../promql';
import { assetLabels, assetName } from '../signal-labels';
import { snapshotsPerClaim } from '../snapshot-count';
import type { VolumePlan } from '../volume-plan';
import { pastWorstCase } from './overdue';

const { claim, name, namespace } = SNAPSHOT_LABELS;

/** Part of a provider's limit at which there is still time to act. */
const NEAR = 0.9;

/** Alerts on volume snapshots themselves, whatever the jobs that take them say. */
export function snapshotAlerts(signal: SnapshotSignal): Alert[] {
  return [tooOld(signal), notReady(signal), ...absent(signal)];
}

/** Alerts on how many snapshots the claims of a volume asset have, other people's included, where the provider's limit is known. */
export function snapshotCountAlerts(signal: SnapshotSignal, volume: VolumePlan): Alert[] {
  const limit = diskLimits(volume.driver).count;
  if (limit === undefined) {
    return [];
  }
  const threshold = Math.max(Math.floor(limit * NEAR), snapshotsPerClaim(volume));
  const all = select(SNAPSHOT_METRICS.created, { [namespace]: signal.namespace });
  const ofClaims = volume.claims.length === 0 ? all : all.replace(/}$/, `,${claim}=~${anyOf(volume.claims)}}`);
  return [
    {
      name: AlertName.SNAPSHOT_COUNT_NEAR_LIMIT,
      severity: AlertSeverity.WARNING,
      labels: assetLabels(signal),
      expr: `count by(${claim}) (max by(${claim},${name}) (${ofClaims})) > ${threshold}`,
      forSeconds: Math.floor(volume.prune.run.worstCaseLoss),
      summary: `Claim {{ $labels.${claim} }} has almost as many snapshots as its disk may have`,
      description: `Claim ${signal.namespace}/{{ $labels.${claim} }} has {{ $value }} snapshots; ${volume.driver} allows ${limit}, and refuses the next backup then.`,
      path: signal.path.replace(/schedule$/, 'retention'),
    },
  ];
}

/** Each claim has a newest snapshot of its own. The operator snapshots one instance of a Cluster, not always the same, so there the newest of all counts. */
function tooOld(signal: SnapshotSignal): Alert {
  const { severity, threshold, forSeconds } = pastWorstCase(signal.run);
  const perClaim = signal.assetKind === AssetKind.VOLUMES;
  const what = perClaim ? `claim ${signal.namespace}/{{ $labels.${claim} }}` : assetName(signal);
  const age = `time() - max${perClaim ? ` by(${claim}) ` : ''}(${readySnapshots(signal)}) > ${threshold}`;
  return {
    name: AlertName.SNAPSHOT_TOO_OLD,
    // Snapshots that no objective depends on make a recovery fast; it is possible without them.
    severity: signal.rpo === undefined ? AlertSeverity.WARNING : severity,
    labels: assetLabels(signal),
    expr: perClaim && signal.claims.length === 0 ? `${age}\nand on(${claim}) ${existingClaims(signal)}` : age,
    forSeconds,
    threshold,
    summary: `No new snapshot of ${what}`,
    description: `The newest snapshot of ${what} that is ready is {{ $value | humanizeDuration }} old; they are taken ${signal.run.description}, and the plan accounts for ${formatSeconds(signal.worstCaseLoss)}.`,
    path: signal.path,
  };
}

/** A snapshot from which no volume can be restored yet is no backup yet. */
export function readySnapshots({ labels }: SnapshotSignal): string {
  const ready = select(SNAPSHOT_METRICS.ready, labels);
  return `${select(SNAPSHOT_METRICS.created, labels)} and on(${namespace},${name}) ${ready} == 1`;
}

/** Claims that a selector no longer finds because they are gone need no new snapshots; those that they have stay. */
function existingClaims(signal: SnapshotSignal): string {
  const claims = select(KUBE_METRICS.claimInfo, { namespace: signal.namespace });
  return `label_replace(${claims}, "${claim}", "$1", "persistentvolumeclaim", "(.*)")`;
}

function notReady(signal: SnapshotSignal): Alert {
  return {
    name: AlertName.SNAPSHOT_NOT_READY,
    severity: AlertSeverity.WARNING,
    labels: assetLabels(signal),
    expr: `max by(${claim},${name}) (${select(SNAPSHOT_METRICS.ready, signal.labels)}) == 0`,
    forSeconds: Math.ceil(signal.run.deadline),
    summary: `Snapshot {{ $labels.${name} }} does not become ready`,
    description: `Snapshot ${signal.namespace}/{{ $labels.${name} }} of claim {{ $labels.${claim} }} is not ready after ${formatSeconds(signal.run.deadline)}: nothing can be restored from it, and it does not count as a backup.`,
    path: signal.path,
  };
}

/** Without a series there is no age: no snapshot was ever taken, or kube-state-metrics does not read the generated config. */
function absent(signal: SnapshotSignal): Alert[] {
  const of = (labels: Readonly<Record<string, string>>, what: string): Alert => ({
    name: AlertName.BACKUP_METRICS_ABSENT,
    severity: AlertSeverity.WARNING,
    labels: { ...assetLabels(signal), ...labels, signal: 'snapshot' },
    expr: `absent(${select(SNAPSHOT_METRICS.created, { ...signal.labels, ...labels })})`,
    forSeconds: Math.floor(signal.worstCaseLoss),
    summary: `Nothing is known of snapshots of ${what}`,
    description: `kube-state-metrics reports no snapshot of ${what}: none was ever taken, or it does not read the generated config of VolumeSnapshots.`,
    path: signal.path,
  });
  return signal.claims.length === 0
    ? [of({}, assetName(signal))]
    : signal.claims.map((value) => of({ [claim]: value }, `claim ${signal.namespace}/${value}`));
}
