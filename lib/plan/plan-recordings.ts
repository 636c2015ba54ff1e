import type { RecordingRule } from './alert';
import { archiveLabels, BASE_TIER, byInstance, ofCluster } from './alerts/archives';
import { newestRunFailed } from './alerts/cron-job';
import { readySnapshots } from './alerts/snapshots';
import { DRILL_METRICS } from './drill-metrics';
import type { Metric } from './metrics';
import { RUN_METRICS } from './metrics';
import type {
  ArchiveSignal,
  BackupSignal,
  DrillSignal,
  MonitoringPlan,
  SnapshotSignal,
  VerificationSignal,
} from './monitoring-plan';
import { AssetKind } from './monitoring-plan';
import { select } from './promql';
import { RECORDED_METRICS } from './recorded-metrics';
import type { AssetSummary, RecoveryPlan } from './recovery-plan';
import { assetLabels, backupLabels, drillLabels } from './signal-labels';

type Labels = Readonly<Record<string, string>>;

/** Every recording rule of a plan: what alerts and dashboard need in one number, and the metrics that the specification names. Later ones may use earlier ones. */
export function planRecordings(plan: RecoveryPlan): RecordingRule[] {
  const { monitoring } = plan;
  if (monitoring === undefined) {
    return [];
  }
  const { signals, archives, snapshots, verifications, drills } = monitoring;
  const ofDatabases = signals.filter(({ assetKind }) => assetKind === AssetKind.DATABASE);
  return [
    ...signals.flatMap(failed),
    ...archives.map(baseBackupFailed),
    ...verifications.map(verified),
    ...plan.assets.flatMap((asset) => objectives(monitoring, asset)),
    ...achieved(monitoring),
    ...drills.filter(({ decides }) => decides).map(measured),
    ...archives.map(recoveryWindow),
    ...ofDatabases.flatMap(dumps),
    ...archives.flatMap(baseBackups),
    ...snapshots.filter(({ assetKind }) => assetKind === AssetKind.DATABASE).flatMap(databaseSnapshots),
  ];
}

/** Type of a database's volume snapshots, beside its dumps and base backups. */
const SNAPSHOT_TYPE = 'snapshot';

const record = (metric: Metric, labels: Labels, expr: string): RecordingRule => ({ record: metric.name, labels, expr });

function failed(signal: BackupSignal): RecordingRule[] {
  const { cronJob, namespace } = signal;
  return cronJob === undefined
    ? []
    : [record(RECORDED_METRICS.failed, backupLabels(signal), newestRunFailed({ namespace, cronJob }))];
}

function baseBackupFailed(signal: ArchiveSignal): RecordingRule {
  const failure = `max(${ofCluster('lastBaseBackupFailure', signal)})`;
  const success = `max(${ofCluster('lastBaseBackup', signal)})`;
  return record(RECORDED_METRICS.failed, { ...archiveLabels(signal), tier: BASE_TIER }, `${failure} > bool ${success}`);
}

function verified(signal: VerificationSignal): RecordingRule {
  return record(RECORDED_METRICS.verified, assetLabels(signal), `1 - (${newestRunFailed(signal)})`);
}

/** What may be lost at most when the asset is lost now, by the freshest of its protections. */
function achieved({ archives, signals }: MonitoringPlan): RecordingRule[] {
  const lossOf = new Map<string, { readonly labels: Labels; readonly parts: string[] }>();
  const add = (labels: Labels, part: string): void => {
    const id = JSON.stringify(labels);
    lossOf.set(id, { labels, parts: [...(lossOf.get(id)?.parts ?? []), part] });
  };
  for (const archive of archives) {
    add(archiveLabels(archive), archiveLoss(archive));
  }
  for (const signal of signals) {
    add(assetLabels(signal), reportedLoss(signal));
  }
  return [...lossOf.values()].map(({ labels, parts }) =>
    record(RECORDED_METRICS.achievedRpo, labels, parts.length === 1 ? String(parts[0]) : least(parts)),
  );
}

/** The smallest of some results, each of which may be missing. */
function least(parts: readonly string[]): string {
  const named = parts.map((part, index) => `label_replace(${part}, "protection", "${index}", "", "")`);
  return `min(\n  ${named.join('\n  or ')}\n)`;
}

/** While no segment waits, PostgreSQL has closed and archived everything that is older than its archive timeout; an idle database loses nothing. */
function archiveLoss(signal: ArchiveSignal): string {
  const age = `time() - ${byInstance('lastArchived', signal)}`;
  const waiting = byInstance('walFiles', signal, { value: 'ready' });
  return `max((${age}) and on(pod) (${waiting} > 0) or clamp_max(${age}, ${signal.archiveTimeout}))`;
}

/** A backup holds what there was when its run began to capture. */
function reportedLoss(signal: BackupSignal): string {
  const labels = backupLabels(signal);
  return `time() - max(${select(RUN_METRICS.lastSuccess, labels)}) + max(${select(RUN_METRICS.duration, labels)})`;
}

function objectives({ archives, signals }: MonitoringPlan, { path, rpo, rto }: AssetSummary): RecordingRule[] {
  const archive = archives.find((candidate) => candidate.path === path);
  const signal = signals.find((candidate) => candidate.path.startsWith(`${path}.`));
  const labels = archive === undefined ? signal && assetLabels(signal) : archiveLabels(archive);
  return labels === undefined
    ? []
    : [
        record(RECORDED_METRICS.objectiveRpo, labels, `vector(${rpo})`),
        record(RECORDED_METRICS.objectiveRto, labels, `vector(${rto})`),
      ];
}

/** A drill that failed leaves what was measured before. */
function measured(signal: DrillSignal): RecordingRule {
  const recovery = select(DRILL_METRICS.recovery, drillLabels(signal));
  return record(RECORDED_METRICS.measuredRto, assetLabels(signal), `max(${recovery})`);
}

function recoveryWindow(signal: ArchiveSignal): RecordingRule {
  return record(
    RECORDED_METRICS.recoveryWindow,
    archiveLabels(signal),
    `time() - min(${ofCluster('firstRecoverabilityPoint', signal)} > 0)`,
  );
}

/** Labels of the specification's metrics: what concerns one type of backup of a database. */
const typeOf = ({ site, namespace, asset }: Labels, type: string): Labels => ({
  site: String(site),
  namespace: String(namespace),
  asset: String(asset),
  backup_type: type,
});

function dumps(signal: BackupSignal): RecordingRule[] {
  const reported = backupLabels(signal);
  const labels = typeOf(reported, signal.tier);
  const success = `max(${select(RUN_METRICS.lastSuccess, reported)})`;
  return [
    ...ages(labels, success),
    record(RECORDED_METRICS.postgresDuration, labels, `max(${select(RUN_METRICS.duration, reported)})`),
    record(RECORDED_METRICS.postgresSize, labels, `max(${select(RUN_METRICS.size, reported)})`),
    record(RECORDED_METRICS.postgresFailed, labels, `max(${select(RECORDED_METRICS.failed, reported)})`),
  ];
}

/** Of base backups and snapshots nobody reports duration or size. */
function baseBackups(signal: ArchiveSignal): RecordingRule[] {
  const reported = { ...archiveLabels(signal), tier: BASE_TIER };
  const labels = typeOf(reported, BASE_TIER);
  return [
    ...ages(labels, `max(${ofCluster('lastBaseBackup', signal)} > 0)`),
    record(RECORDED_METRICS.postgresFailed, labels, `max(${select(RECORDED_METRICS.failed, reported)})`),
  ];
}

function databaseSnapshots(signal: SnapshotSignal): RecordingRule[] {
  return ages(typeOf(assetLabels(signal), SNAPSHOT_TYPE), `max(${readySnapshots(signal)})`);
}

function ages(labels: Labels, success: string): RecordingRule[] {
  return [
    record(RECORDED_METRICS.postgresBackup, labels, success),
    record(RECORDED_METRICS.postgresAge, labels, `time() - ${success}`),
  ];
}
