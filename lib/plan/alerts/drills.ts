import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { DRILL_METRICS } from '../drill-metrics';
import { KUBE_METRICS } from '../metrics';
import type { DrillSignal } from '../monitoring-plan';
import { select } from '../promql';
import { assetName, drillLabels } from '../signal-labels';
import type { WatchedCronJob } from './cron-job';
import { lastFailure, ofCronJob } from './cron-job';
import { missing, RESTART, suspended, unreported } from './jobs';
import { pastNextRun } from './overdue';

/** What a drill reports is final, only its series may be late. */
const SETTLED = 300;

type Labels = Readonly<Record<string, string>>;

/** Alerts on a rehearsed restore: that it failed, took too long, or is no longer rehearsed. */
export function drillAlerts(signal: DrillSignal): Alert[] {
  const { jobNamespace: namespace, cronJob, path } = signal;
  const job = { namespace, cronJob, path };
  const labels = { ...drillLabels(signal), cronjob: cronJob };
  const lastRun = select(DRILL_METRICS.lastRun, drillLabels(signal));
  return [
    failed(signal, labels),
    failedInSilence(signal, job, labels, lastRun),
    tooSlow(signal, labels),
    stale(signal, labels, lastRun),
    neverRan(signal, job, labels, lastRun),
    missing(job, labels, AlertSeverity.WARNING),
    unreported(job, labels, lastRun),
    suspended(job, labels),
  ];
}

const what = (signal: DrillSignal): string => `Drill ${signal.drill} of ${assetName(signal)}`;

function failed(signal: DrillSignal, labels: Labels): Alert {
  return {
    name: AlertName.DRILL_FAILED,
    severity: AlertSeverity.CRITICAL,
    labels: { ...labels, signal: 'report' },
    expr: `max(${select(DRILL_METRICS.success, drillLabels(signal))}) == 0`,
    forSeconds: SETTLED,
    summary: `${what(signal)} failed`,
    description: `The newest ${signal.title} of ${assetName(signal)} did not succeed: its report below ${signal.reportPrefix} says why. The alert ends with the next one that succeeds; they run ${signal.run.description}.`,
    path: signal.path,
  };
}

/** A pod that was evicted, or killed for its memory, stores no report and reports nothing; only its Job says that there was a drill. */
function failedInSilence(signal: DrillSignal, job: WatchedCronJob, labels: Labels, lastRun: string): Alert {
  const success = select(KUBE_METRICS.cronJobLastSuccess, { namespace: job.namespace, cronjob: job.cronJob });
  return {
    name: AlertName.DRILL_FAILED,
    severity: AlertSeverity.CRITICAL,
    labels: { ...labels, signal: 'cluster' },
    expr: `(${lastFailure(job)}) > (max(${lastRun} or ${success}) or vector(0))`,
    forSeconds: RESTART,
    summary: `${what(signal)} failed without a report`,
    description: `A Job of CronJob ${job.namespace}/${job.cronJob} that began at {{ $value | humanizeTimestamp }} failed, and nothing was reported since: it was evicted or killed, could not store its report, or its report got lost.`,
    path: signal.path,
  };
}

function tooSlow(signal: DrillSignal, labels: Labels): Alert {
  const { slowest, rto } = signal;
  return {
    name: AlertName.DRILL_TOO_SLOW,
    // A protection that is planned to take longer than the RTO is not the one that must meet it.
    severity: slowest > rto ? AlertSeverity.WARNING : AlertSeverity.CRITICAL,
    labels,
    expr: `max(${select(DRILL_METRICS.recovery, drillLabels(signal))}) > ${slowest}`,
    forSeconds: 0,
    summary: `${what(signal)} was slower than it may be`,
    description: `By the newest ${signal.title} of ${assetName(signal)} a recovery takes {{ $value | humanizeDuration }}, with what no drill can measure; at most ${formatSeconds(slowest)} are allowed, and the objective is ${formatSeconds(rto)}.`,
    path: signal.path,
  };
}

function stale(signal: DrillSignal, labels: Labels, lastRun: string): Alert {
  const { severity, threshold, forSeconds } = pastNextRun(signal.run);
  return {
    name: AlertName.DRILL_STALE,
    severity,
    labels,
    expr: `time() - max(${lastRun}) > ${threshold}`,
    forSeconds,
    threshold,
    summary: `${what(signal)} has not run in time`,
    description: `The newest ${signal.title} of ${assetName(signal)} that stored a report ended {{ $value | humanizeDuration }} ago; they run ${signal.run.description}.`,
    path: signal.path,
  };
}

/** Without a report there is no age, and none is due before the first date after the installation. */
function neverRan(signal: DrillSignal, job: WatchedCronJob, labels: Labels, lastRun: string): Alert {
  const { severity, threshold, forSeconds } = pastNextRun(signal.run);
  return {
    name: AlertName.DRILL_NEVER_RAN,
    severity,
    labels,
    expr: `time() - ${ofCronJob('cronJobCreated', job)} > ${threshold}\nunless on() (max(${lastRun}) or ${ofCronJob('cronJobLastSuccess', job)})`,
    forSeconds,
    threshold,
    summary: `${what(signal)} never ran`,
    description: `CronJob ${job.namespace}/${job.cronJob} was created {{ $value | humanizeDuration }} ago and runs ${signal.run.description}; no drill has ended with a report yet.`,
    path: signal.path,
  };
}
