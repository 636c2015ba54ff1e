import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { KUBE_METRICS, RUN_METRICS } from '../metrics';
import type { BackupSignal, PruneSignal, VerificationSignal } from '../monitoring-plan';
import { select } from '../promql';
import { RECORDED_METRICS } from '../recorded-metrics';
import { assetLabels, assetName, backupLabels } from '../signal-labels';
import type { WatchedCronJob } from './cron-job';
import { ofCronJob } from './cron-job';
import { pastWorstCase } from './overdue';

const MINUTE = 60;
const HOUR = 3600;

/** Longer than a restart of kube-state-metrics or of the Pushgateway takes, in which all of their series are gone. */
export const RESTART = 15 * MINUTE;

/** A CronJob, and the path of its schedule. */
interface Job extends WatchedCronJob {
  readonly path: string;
}

/** A backup or verification with a CronJob. */
type Run = (BackupSignal | VerificationSignal) & { readonly cronJob: string };

/** Alerts on what the cluster says of the CronJob of a tier, whatever its runs report. */
export function backupJobAlerts(signal: BackupSignal & { readonly cronJob: string }): Alert[] {
  const labels = backupLabels(signal);
  return [notRunning(signal), failed(signal), ...commonAlerts(signal, labels, select(RUN_METRICS.lastSuccess, labels))];
}

/** The same of a verification, which has alerts of its own for age and failure. */
export function verificationJobAlerts(signal: VerificationSignal): Alert[] {
  const labels = assetLabels(signal);
  return commonAlerts(signal, labels, select(RUN_METRICS.verifyLastSuccess, labels));
}

/** A prune that fails once is caught up by the next; one that no longer succeeds fills the store. */
export function pruneAlerts(signal: PruneSignal): Alert[] {
  const { threshold, forSeconds } = pastWorstCase(signal.run);
  const labels = { ...assetLabels(signal), cronjob: signal.cronJob };
  return [
    {
      name: AlertName.PRUNE_FAILED,
      severity: AlertSeverity.WARNING,
      labels,
      expr: `time() - (${ofCronJob('cronJobLastSuccess', signal)} or ${ofCronJob('cronJobCreated', signal)}) > ${threshold}`,
      forSeconds,
      threshold,
      summary: `Expired backups of ${assetName(signal)} are not removed`,
      description: `CronJob ${signal.namespace}/${signal.cronJob} has not succeeded for {{ $value | humanizeDuration }}; it runs ${signal.run.description}. What has expired piles up.`,
      path: signal.path,
    },
    suspended(signal, labels),
  ];
}

/** The independent witness of a tier: the controller's view, which sees runs whose reports get lost, and the other way round. A suspended CronJob has an alert of its own. */
function notRunning(signal: BackupSignal & { readonly cronJob: string }): Alert {
  const { severity, threshold, forSeconds } = pastWorstCase(signal.run);
  return {
    name: AlertName.BACKUP_NOT_RUNNING,
    severity,
    labels: { ...backupLabels(signal), signal: 'cluster' },
    expr: `time() - ${ofCronJob('cronJobLastSuccess', signal)} > ${threshold}\nunless on() ${ofCronJob('cronJobSuspended', signal)} == 1`,
    forSeconds,
    threshold,
    summary: `CronJob ${signal.cronJob} has not succeeded in time`,
    description: `CronJob ${signal.namespace}/${signal.cronJob} last succeeded {{ $value | humanizeDuration }} ago; it runs ${signal.run.description}, and the plan accounts for ${formatSeconds(signal.worstCaseLoss)}.`,
    path: signal.path,
  };
}

function failed(signal: BackupSignal & { readonly cronJob: string }): Alert {
  const { longestGap, startDelay, deadline, toleratedFailedRuns } = signal.run;
  const labels = backupLabels(signal);
  return {
    name: AlertName.BACKUP_FAILED,
    severity: toleratedFailedRuns === 0 ? AlertSeverity.CRITICAL : AlertSeverity.WARNING,
    labels,
    expr: `max(${select(RECORDED_METRICS.failed, labels)}) > 0`,
    // Runs that follow each other within the hour get their next chance first.
    forSeconds: longestGap < HOUR && toleratedFailedRuns > 0 ? longestGap + startDelay + deadline : 5 * MINUTE,
    summary: `A backup of ${assetName(signal)}, tier ${signal.tier}, failed`,
    description: `The newest finished run of CronJob ${signal.namespace}/${signal.cronJob} failed, after its retries. The alert ends with the next run that succeeds.`,
    path: signal.path,
  };
}

function commonAlerts(signal: Run, about: Readonly<Record<string, string>>, report: string): Alert[] {
  const labels = { ...about, cronjob: signal.cronJob };
  return [
    neverSucceeded(signal, labels),
    missing(signal, labels, AlertSeverity.CRITICAL),
    unreported(signal, labels, report),
    suspended(signal, labels),
  ];
}

/** The series of a success exists only after the first one, so an age alone is blind to a job that never worked. */
function neverSucceeded(signal: Run, labels: Readonly<Record<string, string>>): Alert {
  const { severity, threshold, forSeconds } = pastWorstCase(signal.run);
  return {
    name: AlertName.BACKUP_NEVER_SUCCEEDED,
    severity,
    labels,
    expr: `time() - ${ofCronJob('cronJobCreated', signal)} > ${threshold}\nunless on() ${ofCronJob('cronJobLastSuccess', signal)}`,
    forSeconds,
    threshold,
    summary: `No run of CronJob ${signal.cronJob} has succeeded yet`,
    description: `CronJob ${signal.namespace}/${signal.cronJob} was created {{ $value | humanizeDuration }} ago and runs ${signal.run.description}; nothing was ever committed.`,
    path: signal.path,
  };
}

/** While kube-state-metrics as a whole is silent one alert says so, not one for each CronJob. */
export function missing(signal: Job, labels: Readonly<Record<string, string>>, severity: AlertSeverity): Alert {
  return {
    name: AlertName.BACKUP_METRICS_ABSENT,
    severity,
    labels: { ...labels, signal: 'cluster' },
    expr: `count(${KUBE_METRICS.cronJobInfo.name}) unless on() ${ofCronJob('cronJobInfo', signal)}`,
    forSeconds: RESTART,
    summary: `CronJob ${signal.cronJob} does not exist`,
    description: `kube-state-metrics reports {{ $value }} CronJobs, but not ${signal.namespace}/${signal.cronJob}: it was deleted, or never applied.`,
    path: signal.path,
  };
}

/** Runs succeed, but what they report does not arrive: the other half of the evidence is blind. */
export function unreported(signal: Job, labels: Readonly<Record<string, string>>, report: string): Alert {
  return {
    name: AlertName.BACKUP_METRICS_ABSENT,
    severity: AlertSeverity.WARNING,
    labels: { ...labels, signal: 'report' },
    expr: `time() - ${ofCronJob('cronJobLastSuccess', signal)} unless on() max(${report})`,
    forSeconds: RESTART,
    summary: `Runs of CronJob ${signal.cronJob} report nothing`,
    description: `CronJob ${signal.namespace}/${signal.cronJob} succeeded {{ $value | humanizeDuration }} ago, but no report of it is in the Pushgateway.`,
    path: signal.path,
  };
}

/** Nothing fails while a CronJob is suspended, and nothing happens. */
export function suspended(signal: Job, labels: Readonly<Record<string, string>>): Alert {
  return {
    name: AlertName.BACKUP_JOB_SUSPENDED,
    severity: AlertSeverity.WARNING,
    labels,
    expr: `${ofCronJob('cronJobSuspended', signal)} == 1`,
    forSeconds: RESTART,
    summary: `CronJob ${signal.cronJob} is suspended`,
    description: `CronJob ${signal.namespace}/${signal.cronJob} does not run until somebody resumes it.`,
    path: signal.path,
  };
}
