import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { RUN_METRICS, SCRAPE_INTERVAL } from '../metrics';
import type { ArchiveSignal, BackupSignal } from '../monitoring-plan';
import { WAL_TIER } from '../plan-probe';
import type { ProbePlan } from '../probe-plan';
import { select } from '../promql';
import { assetName, backupLabels } from '../signal-labels';
import { STORE_METRICS } from '../store-metrics';
import { archiveLabels, ofCluster } from './archives';
import { pastWorstCase } from './overdue';
import { ofStore } from './store';

/** Clocks of nodes differ, and a run notes its beginning a moment before it captures; in seconds. */
const SLACK = 60;

/** What the store has of a tier, whatever its jobs say. */
export function storedAlerts(signal: BackupSignal, probe: ProbePlan): Alert[] {
  return [tooOld(signal, probe), missingRun(signal, probe)];
}

/** When the newest of what is in the store was captured; 0 where a look found nothing. */
export function newestStored(labels: Readonly<Record<string, string>>): string {
  return `max(${select(STORE_METRICS.newest, labels)})`;
}

/** A time, if the newest look began so many seconds after it. */
export function seenByNow(time: string, probe: ProbePlan, after: number = SLACK): string {
  return `${time} < max(${ofStore('looked', probe)}) - ${after}`;
}

/** It is known as late as a look may be. */
function tooOld(signal: BackupSignal, probe: ProbePlan): Alert {
  const labels = backupLabels(signal);
  const worstCaseLoss = signal.worstCaseLoss + probe.lag;
  const { severity, threshold, forSeconds } = pastWorstCase({ ...signal.run, worstCaseLoss });
  const what = `${assetName(signal)}, tier ${signal.tier},`;
  return {
    name: signal.cronJob === undefined ? AlertName.ETCD_STREAM_STALE : AlertName.BACKUP_NOT_RUNNING,
    severity,
    labels: { ...labels, signal: 'store' },
    // Where nothing was ever stored there is no age.
    expr: `time() - (${newestStored(labels)} != 0) > ${threshold}`,
    forSeconds,
    threshold,
    summary: `The store has no new backup of ${what} whatever jobs say`,
    description: `The newest committed backup of ${what} in the store was captured {{ $value | humanizeDuration }} ago; it is made ${signal.run.description}, and the plan accounts for ${formatSeconds(signal.worstCaseLoss)} and ${formatSeconds(probe.lag)} until that is seen.`,
    path: signal.path,
  };
}

/** A run has reported that it committed, a look came after it, and what it saw is older. */
function missingRun(signal: BackupSignal, probe: ProbePlan): Alert {
  const labels = backupLabels(signal);
  const committed = `max(${select(RUN_METRICS.lastSuccess, labels)})`;
  const captured = `${committed} - max(${select(RUN_METRICS.duration, labels)})`;
  return missing({
    labels,
    expr: `${captured} - ${newestStored(labels)} > ${SLACK}\nand on() ${seenByNow(committed, probe)}`,
    what: `${assetName(signal)}, tier ${signal.tier}`,
    path: signal.path,
  });
}

/** PostgreSQL has archived WAL some time ago, a look came after that, and what it saw is older. An idle database archives nothing new, so that nothing is missing. */
export function missingWal(signal: ArchiveSignal, probe: ProbePlan): Alert {
  const labels = { ...archiveLabels(signal), tier: WAL_TIER };
  // After a file that is no segment, as a promotion archives one, the next segment follows within the worst case.
  const settled = signal.worstCaseLoss + SLACK;
  // What was last archived when the window began, since a busy database has always archived something after the newest look.
  const window = probe.lag + settled;
  const archived = `max(min_over_time(${ofCluster('lastArchived', signal)}[${window}s]))`;
  return missing({
    labels,
    expr: `${archived} - ${newestStored(labels)} > ${SLACK}\nand on() ${seenByNow(archived, probe, settled)}`,
    what: `the WAL archive of ${signal.cluster}`,
    path: `${signal.path}.walArchiving`,
  });
}

function missing({
  labels,
  expr,
  what,
  path,
}: Pick<Alert, 'labels' | 'expr' | 'path'> & { readonly what: string }): Alert {
  return {
    name: AlertName.BACKUP_MISSING,
    severity: AlertSeverity.CRITICAL,
    labels,
    expr,
    forSeconds: 2 * SCRAPE_INTERVAL,
    summary: `The store lacks what was reported of ${what}`,
    description: `What was reported of ${what} is newer than the newest in the store, by {{ $value | humanizeDuration }}: it was removed, or went somewhere else.`,
    path,
  };
}
