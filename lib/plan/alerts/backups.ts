import { formatBytes, formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { RUN_METRICS } from '../metrics';
import type { BackupSignal, MonitoringPlan, WatchedRun } from '../monitoring-plan';
import { AssetKind } from '../monitoring-plan';
import { select } from '../promql';
import { assetName, backupLabels } from '../signal-labels';
import { pastWorstCase, runMissing } from './overdue';

const HOUR = 3600;
const DAY = 86400;

/** Part of its deadline above which a run is about to be killed by it. */
const SLOW_PART = 0.8;

/** Factor between a backup and the average of those before that is no growth any more. */
const SIZE_FACTOR = 2;

/** Backups that an average is made of at least, and days. */
const AVERAGED_RUNS = 4;
const AVERAGED_DAYS = 7;

/** Alerts on what the runs of one tier report, or no longer report, once they have committed. */
export function backupAlerts(signal: BackupSignal, monitoring: MonitoringPlan): Alert[] {
  return [
    ...(signal.cronJob === undefined ? [] : notRunning(signal)),
    tooSlow(signal),
    // What volume runs store is a list of snapshots, whose size says nothing.
    ...(signal.assetKind === AssetKind.VOLUMES ? [] : [sizeAnomaly(signal), tooLarge(signal, monitoring)]),
  ];
}

/** The age of the newest commit: the one sign that a backup exists. */
function notRunning(signal: BackupSignal): Alert[] {
  const labels = backupLabels(signal);
  const what = `${assetName(signal)}, tier ${signal.tier}`;
  return [...runMissing(signal.run), pastWorstCase(signal.run)].map(({ severity, threshold, forSeconds }) => ({
    name: AlertName.BACKUP_NOT_RUNNING,
    severity,
    labels: { ...labels, signal: 'report' },
    expr: `time() - max(${select(RUN_METRICS.lastSuccess, labels)}) > ${threshold}`,
    forSeconds,
    threshold,
    summary: `No new backup of ${what}`,
    description: `The newest committed backup of ${what} is {{ $value | humanizeDuration }} old; it is made ${signal.run.description}, and the plan accounts for ${formatSeconds(signal.worstCaseLoss)}.`,
    path: signal.path,
  }));
}

/** A run that comes near its deadline will soon be killed by it; the deadline is what the worst-case loss counts with. */
function tooSlow({ run, path, ...signal }: BackupSignal): Alert {
  const labels = backupLabels({ run, path, ...signal });
  const limit = slowLimit(run);
  const what = `${assetName(signal)}, tier ${signal.tier}`;
  return {
    name: AlertName.BACKUP_TOO_SLOW,
    severity: AlertSeverity.WARNING,
    labels,
    expr: `max(${select(RUN_METRICS.duration, labels)}) > ${limit}`,
    // Of runs that follow each other within the hour a single one may be slow, on a node that is busy.
    forSeconds: run.longestGap < HOUR ? run.longestGap + run.startDelay + run.deadline : 0,
    summary: `Backups of ${what} come near their deadline`,
    description: `The newest backup of ${what} took {{ $value | humanizeDuration }}; a run is killed after ${formatSeconds(run.deadline)}, and then there is no backup.`,
    path,
  };
}

/** Seconds above which a run is too slow. */
export function slowLimit({ deadline }: WatchedRun): number {
  return Math.floor(deadline * SLOW_PART);
}

function sizeAnomaly(signal: BackupSignal): Alert {
  const labels = backupLabels(signal);
  const size = select(RUN_METRICS.size, labels);
  const days = Math.max(AVERAGED_DAYS, Math.ceil((AVERAGED_RUNS * signal.run.longestGap) / DAY));
  const ratio = `max(${size}) / max(avg_over_time(${size}[${days}d]))`;
  const what = `${assetName(signal)}, tier ${signal.tier}`;
  return {
    name: AlertName.BACKUP_SIZE_ANOMALY,
    severity: AlertSeverity.WARNING,
    labels,
    expr: `${ratio} < ${1 / SIZE_FACTOR}\nor ${ratio} > ${SIZE_FACTOR}`,
    forSeconds: 0,
    summary: `The newest backup of ${what} has an unusual size`,
    description: `The newest backup of ${what} is {{ $value | humanizePercentage }} of the average of ${days} days. Data may be missing, or may have been added that nobody expects.`,
    path: signal.path,
  };
}

function tooLarge(signal: BackupSignal, { largestBackupBytes }: MonitoringPlan): Alert {
  const labels = backupLabels(signal);
  const what = `${assetName(signal)}, tier ${signal.tier}`;
  return {
    name: AlertName.BACKUP_TOO_LARGE,
    severity: AlertSeverity.WARNING,
    labels,
    expr: `max(${select(RUN_METRICS.size, labels)}) > ${largestBackupBytes}`,
    forSeconds: 0,
    summary: `The newest backup of ${what} is larger than ${formatBytes(largestBackupBytes)}`,
    description: `The newest backup of ${what} holds {{ $value | humanize1024 }}B; cost and restore time grow with it.`,
    path: 'monitoring.largestBackup',
  };
}
