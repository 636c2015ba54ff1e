import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { SCRAPE_INTERVAL } from '../metrics';
import type { ProbePlan } from '../probe-plan';
import { select } from '../promql';
import { STORE_METRICS } from '../store-metrics';
import type { WatchedCronJob } from './cron-job';
import { ofCronJob } from './cron-job';
import { missing, suspended, unreported } from './jobs';

/** Seconds before a credential expires in which it can be replaced at leisure, and in which somebody must be woken. */
const WEEKS = 14 * 86400;
const DAYS = 2 * 86400;

/** Alerts on the store itself, by the job that looks into it. */
export function storeAlerts(probe: ProbePlan): Alert[] {
  const { namespace, cronJob, path } = probe;
  const job = { namespace, cronJob, path };
  const labels = { site: probe.site, namespace, store: probe.store, cronjob: cronJob };
  return [
    silent(probe),
    ...lookedTooLongAgo(probe, job),
    missing(job, labels, AlertSeverity.WARNING),
    unreported(job, labels, ofStore('looked', probe)),
    suspended(job, labels),
    ...(probe.credentialExpires ? credential(probe) : []),
  ];
}

/** The series of a store. */
export function ofStore(metric: keyof typeof STORE_METRICS, { site, store }: ProbePlan): string {
  return select(STORE_METRICS[metric], { site, store });
}

const labelsOf = ({ site, namespace, store }: ProbePlan): Record<string, string> => ({ site, namespace, store });

/** One probe may meet a store that is busy for a moment; the next one must be answered. */
function silent(probe: ProbePlan): Alert {
  return {
    name: AlertName.STORE_UNREACHABLE,
    severity: AlertSeverity.CRITICAL,
    labels: { ...labelsOf(probe), signal: 'report' },
    expr: `max(${ofStore('up', probe)}) == 0`,
    forSeconds: probe.lag,
    summary: `The store ${probe.store} does not answer`,
    description: `CronJob ${probe.namespace}/${probe.cronJob} cannot list what is in the store, or not within ${formatSeconds(probe.answerWithin)}: its log says why. While that is so nothing can be backed up, and nothing can be recovered.`,
    path: probe.path,
  };
}

/** Nobody has looked: the store may be well, but nobody knows. */
function lookedTooLongAgo(probe: ProbePlan, job: WatchedCronJob): Alert[] {
  const { run, lag } = probe;
  // One look may fail, as any run may.
  const threshold = lag + run.longestGap;
  const looked = (signal: string, expr: string): Alert => ({
    name: AlertName.STORE_UNREACHABLE,
    severity: AlertSeverity.WARNING,
    labels: { ...labelsOf(probe), signal },
    expr,
    forSeconds: 2 * SCRAPE_INTERVAL,
    threshold,
    summary: `Nobody has looked into the store ${probe.store}`,
    description: `CronJob ${job.namespace}/${job.cronJob} last saw what is in the store {{ $value | humanizeDuration }} ago; it looks ${run.description}. How old the backups in the store are is not known.`,
    path: probe.path,
  });
  const down = `max(${ofStore('up', probe)}) == 0`;
  const success = `(${ofCronJob('cronJobLastSuccess', job)} or ${ofCronJob('cronJobCreated', job)})`;
  return [
    looked('report', `time() - max(${ofStore('looked', probe)}) > ${threshold}\nunless on() ${down}`),
    looked('cluster', `time() - ${success} > ${threshold}\nunless on() ${down}`),
  ];
}

function credential(probe: ProbePlan): Alert[] {
  const expiring = (severity: AlertSeverity, left: number): Alert => ({
    name: AlertName.STORE_CREDENTIAL_EXPIRES,
    severity,
    labels: labelsOf(probe),
    expr: `max(${ofStore('credentialExpires', probe)}) - time() < ${left}`,
    forSeconds: 0,
    summary: `The credential of the store ${probe.store} expires`,
    description: `The shared access signature that jobs of namespace ${probe.namespace} have expires in {{ $value | humanizeDuration }}, or has if that is negative. Without a new one nothing can be backed up, and nothing recovered.`,
    path: 'storage',
  });
  return [expiring(AlertSeverity.WARNING, WEEKS), expiring(AlertSeverity.CRITICAL, DAYS)];
}
