import { KUBE_METRICS } from '../metrics';
import { select } from '../promql';

/** A CronJob, by the labels of its series. */
export interface WatchedCronJob {
  readonly namespace: string;
  readonly cronJob: string;
}

/** One value for a CronJob, however many replicas of kube-state-metrics report it. */
export function ofCronJob(metric: keyof typeof KUBE_METRICS, { namespace, cronJob }: WatchedCronJob): string {
  return `max(${select(KUBE_METRICS[metric], { namespace, cronjob: cronJob })})`;
}

/** When the newest Job that failed for good was started; a retry that succeeded is no failure. */
export function lastFailure({ namespace, cronJob }: WatchedCronJob): string {
  const failed = select(KUBE_METRICS.jobFailed, { namespace, condition: 'true' });
  const owner = select(KUBE_METRICS.jobOwner, { namespace, owner_kind: 'CronJob', owner_name: cronJob });
  return [
    `max(${select(KUBE_METRICS.jobStart, { namespace })}`,
    `  and on(namespace,job_name) (${failed} == 1)`,
    `  and on(namespace,job_name) ${owner})`,
  ].join('\n');
}

/** 1 while the newest finished run has failed, 0 while it has succeeded, nothing before the first. */
export function newestRunFailed(job: WatchedCronJob): string {
  const success = ofCronJob('cronJobLastSuccess', job);
  return `(${lastFailure(job)}) > bool (${success} or vector(0))\nor 0 * ${success}`;
}
