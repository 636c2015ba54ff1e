import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { RUN_METRICS } from '../metrics';
import { select } from '../promql';
import type { ReplicationPlan } from '../replication-plan';
import { ofCronJob } from './cron-job';
import { suspended, unreported } from './jobs';
import { pastWorstCase } from './overdue';

/** Alerts on the second copy. A run succeeds only when everything that is committed was found at the target, so its success is the proof. */
export function replicationAlerts(site: string, plan: ReplicationPlan): Alert[] {
  const { namespace, jobName: cronJob, targetName: target, run } = plan;
  const job = { namespace, cronJob, path: 'replication.schedule' };
  const labels = { site, namespace, target };
  const report = select(RUN_METRICS.replicationLastSuccess, labels);
  const ofJob = { ...labels, cronjob: cronJob };
  const lagging = (signal: string, success: string): Alert => {
    const { threshold, forSeconds } = pastWorstCase(run);
    return {
      name: AlertName.REPLICATION_LAGGING,
      // The first store still meets the objectives.
      severity: AlertSeverity.WARNING,
      labels: { ...ofJob, signal },
      expr: `time() - ${success} > ${threshold}`,
      forSeconds,
      threshold,
      summary: `The second copy at ${target} falls behind`,
      description: `The second copy was last complete {{ $value | humanizeDuration }} ago; CronJob ${namespace}/${cronJob} runs ${run.description}, and the plan accounts for ${formatSeconds(plan.lag)}. What is newer is lost with the first store.`,
      path: job.path,
    };
  };
  return [
    lagging('report', `max(${report})`),
    lagging('cluster', `(${ofCronJob('cronJobLastSuccess', job)} or ${ofCronJob('cronJobCreated', job)})`),
    unreported(job, ofJob, report),
    suspended(job, ofJob),
  ];
}
