import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import type { ReplicationPlan } from '../replication-plan';
import { ofCronJob } from './cron-job';
import { suspended } from './jobs';
import { pastWorstCase } from './overdue';

/** Alerts on the second copy. A run succeeds only when everything that is committed was found at the target, so its success is the proof. */
export function replicationAlerts(site: string, plan: ReplicationPlan): Alert[] {
  const { namespace, jobName: cronJob, targetName: target, run } = plan;
  const job = { namespace, cronJob, path: 'replication.schedule' };
  const labels = { site, namespace, target, cronjob: cronJob };
  const { threshold, forSeconds } = pastWorstCase(run);
  return [
    {
      name: AlertName.REPLICATION_LAGGING,
      // The first store still meets the objectives.
      severity: AlertSeverity.WARNING,
      labels,
      expr: `time() - (${ofCronJob('cronJobLastSuccess', job)} or ${ofCronJob('cronJobCreated', job)}) > ${threshold}`,
      forSeconds,
      threshold,
      summary: `The second copy at ${target} falls behind`,
      description: `CronJob ${namespace}/${cronJob} has not succeeded for {{ $value | humanizeDuration }}; it runs ${run.description}, and the plan accounts for ${formatSeconds(plan.lag)}. What is newer is lost with the first store.`,
      path: job.path,
    },
    suspended(job, labels),
  ];
}
