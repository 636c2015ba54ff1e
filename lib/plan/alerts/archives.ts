import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { CLUSTER_LABEL, DATABASE_METRICS, SCRAPE_INTERVAL } from '../metrics';
import type { ArchiveSignal } from '../monitoring-plan';
import { AssetKind } from '../monitoring-plan';
import { select } from '../promql';
import { RECORDED_METRICS } from '../recorded-metrics';
import { assetLabels } from '../signal-labels';
import { pastWorstCase, runMissing } from './overdue';

/** What base backups are called where dumps have the name of their tier. */
export const BASE_TIER = 'base';

/** A failure that is reported is final; its series may be late. */
const SETTLED = 300;

/** Longer than another instance needs to become primary. */
const FAILOVER = 300;

/** Alerts on the WAL archive and the base backups of a Cluster. */
export function archiveAlerts(signal: ArchiveSignal): Alert[] {
  return [
    failing(signal),
    backlog(signal),
    baseBackupFailed(signal),
    ...baseBackups(signal),
    neverBackedUp(signal),
    silent(signal),
  ];
}

/** Seconds from a scrape to the one after the next, and something for those that are late. */
const BRIDGED = 2.5 * SCRAPE_INTERVAL;

/** Labels of an archive's alerts. */
export function archiveLabels({ site, namespace, cluster }: ArchiveSignal): Record<string, string> {
  return assetLabels({ site, namespace, assetKind: AssetKind.DATABASE, asset: cluster });
}

/**
 * The series of each instance, once, whoever scrapes them. The archiver's exist of the primary only, and not in every scrape: while an instance is
 * busy its exporter leaves out queries, which would begin the pending time of an alert anew.
 */
export function byInstance(
  metric: keyof typeof DATABASE_METRICS,
  signal: ArchiveSignal,
  more: Record<string, string> = {},
): string {
  return `max by(pod) (last_over_time(${ofCluster(metric, signal, more)}[${BRIDGED}s]))`;
}

/** Seconds that a closed segment may wait to be archived, which is also how long the alerts on it are pending. */
function uploadAllowance({ worstCaseLoss, archiveTimeout }: ArchiveSignal): number {
  return worstCaseLoss - archiveTimeout;
}

/** The series of all instances of a Cluster. */
export function ofCluster(
  metric: keyof typeof DATABASE_METRICS,
  { namespace, cluster }: ArchiveSignal,
  more: Record<string, string> = {},
): string {
  return select(DATABASE_METRICS[metric], { namespace, [CLUSTER_LABEL]: cluster, ...more });
}

/** One failure is retried within the allowance; the value is -1 while nothing has ever failed. */
function failing(signal: ArchiveSignal): Alert {
  return {
    name: AlertName.WAL_ARCHIVING_FAILING,
    severity: AlertSeverity.CRITICAL,
    labels: archiveLabels(signal),
    expr: `time() - max(${byInstance('lastArchiveFailure', signal)} > ${byInstance('lastArchived', signal)})`,
    forSeconds: uploadAllowance(signal),
    summary: `PostgreSQL of ${signal.cluster} cannot archive its WAL`,
    description: `Archiving last failed {{ $value | humanizeDuration }} ago and has not succeeded since. Work that is not archived would be lost with the cluster; the objective is ${formatSeconds(signal.rpo)}.`,
    path: `${signal.path}.walArchiving`,
  };
}

/** An idle database archives nothing and has nothing that waits; only both together are a backlog. */
function backlog(signal: ArchiveSignal): Alert {
  const allowance = uploadAllowance(signal);
  // The age and the pending time together stay within the worst case.
  const threshold = Math.min(allowance, signal.archiveTimeout);
  return {
    name: AlertName.WAL_ARCHIVE_BACKLOG,
    severity: AlertSeverity.CRITICAL,
    labels: archiveLabels(signal),
    expr: [
      `max((time() - ${byInstance('lastArchived', signal)} > ${threshold})`,
      `  and on(pod) (${byInstance('walFiles', signal, { value: 'ready' })} > 0))`,
    ].join('\n'),
    forSeconds: allowance,
    threshold,
    summary: `WAL of ${signal.cluster} waits to be archived`,
    description: `WAL was last archived {{ $value | humanizeDuration }} ago and some is waiting. PostgreSQL closes a segment after ${formatSeconds(signal.archiveTimeout)}, which may take ${formatSeconds(allowance)} to reach the store; the objective is ${formatSeconds(signal.rpo)}.`,
    path: `${signal.path}.walArchiving`,
  };
}

function baseBackupFailed(signal: ArchiveSignal): Alert {
  const labels = { ...archiveLabels(signal), tier: BASE_TIER };
  return {
    name: AlertName.BACKUP_FAILED,
    severity: AlertSeverity.WARNING,
    labels,
    expr: `max(${select(RECORDED_METRICS.failed, labels)}) > 0`,
    forSeconds: SETTLED,
    summary: `A base backup of ${signal.cluster} failed`,
    description: `The newest base backup of Cluster ${signal.namespace}/${signal.cluster} failed; they are made ${signal.baseBackups.description}. The alert ends with the next one that succeeds.`,
    path: `${signal.path}.baseBackups.schedule`,
  };
}

/** Base backups decide how much WAL a recovery replays. Every instance reports the store's newest; it is 0 until there is one. */
function baseBackups(signal: ArchiveSignal): Alert[] {
  return [...runMissing(signal.baseBackups), pastWorstCase(signal.baseBackups)].map(
    ({ severity, threshold, forSeconds }) => ({
      name: AlertName.BASE_BACKUP_TOO_OLD,
      severity,
      labels: archiveLabels(signal),
      expr: `time() - max(${ofCluster('lastBaseBackup', signal)} > 0) > ${threshold}`,
      forSeconds,
      threshold,
      summary: `No new base backup of ${signal.cluster}`,
      description: `The newest base backup of ${signal.cluster} is {{ $value | humanizeDuration }} old; they are made ${signal.baseBackups.description}. A recovery replays all WAL since then.`,
      path: `${signal.path}.baseBackups.schedule`,
    }),
  );
}

/** No series says when a Cluster was created, so the whole worst case is pending time. */
function neverBackedUp(signal: ArchiveSignal): Alert {
  return {
    name: AlertName.BACKUP_NEVER_SUCCEEDED,
    severity: AlertSeverity.CRITICAL,
    labels: archiveLabels(signal),
    expr: `max(${ofCluster('lastBaseBackup', signal)}) == 0`,
    forSeconds: Math.ceil(signal.baseBackups.worstCaseLoss),
    summary: `Cluster ${signal.cluster} has no base backup`,
    description: `No base backup of ${signal.cluster} is in the store; they are made ${signal.baseBackups.description}. Without one the archived WAL restores nothing.`,
    path: `${signal.path}.baseBackups.schedule`,
  };
}

/** Without a primary that reports there is no archive to watch, and none that is written. */
function silent(signal: ArchiveSignal): Alert {
  const absent = [ofCluster('lastArchived', signal), ofCluster('lastBaseBackup', signal)].map(
    (series) => `absent(${series})`,
  );
  return {
    name: AlertName.BACKUP_METRICS_ABSENT,
    severity: AlertSeverity.CRITICAL,
    labels: { ...archiveLabels(signal), signal: 'exporter' },
    expr: `max(${absent.join(' or ')})`,
    forSeconds: FAILOVER,
    summary: `Nothing is known of the WAL archive of ${signal.cluster}`,
    description: `No primary of Cluster ${signal.namespace}/${signal.cluster} reports its WAL archive and base backups: it is down, is not scraped, or runs without the Barman Cloud plugin.`,
    path: signal.path,
  };
}
