import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { KUBE_METRICS, SCRAPE_JOBS, SCRAPE_UP } from '../metrics';
import type { MonitoringPlan } from '../monitoring-plan';
import { select } from '../promql';
import { RESTART } from './jobs';

/** Alerts on what the other alerts depend on: a source that is silent must not look like one that has nothing to say. */
export function sourceAlerts(site: string, { pushgateway, namespace }: MonitoringPlan): Alert[] {
  return [
    {
      name: AlertName.BACKUP_METRICS_ABSENT,
      severity: AlertSeverity.WARNING,
      labels: { site, signal: 'kube-state-metrics' },
      expr: `absent(${KUBE_METRICS.cronJobInfo.name})`,
      forSeconds: RESTART,
      summary: 'kube-state-metrics reports no CronJobs',
      description:
        'No series of kube-state-metrics arrives: it is down, is not scraped, or may not list CronJobs. Only what runs report themselves is still watched.',
      path: 'monitoring',
    },
    ...(pushgateway === undefined
      ? []
      : [
          {
            name: AlertName.PUSHGATEWAY_DOWN,
            severity: AlertSeverity.WARNING,
            labels: { site, namespace },
            expr: `absent(${select(SCRAPE_UP, { job: SCRAPE_JOBS.pushgateway })} == 1)`,
            forSeconds: RESTART,
            summary: 'Reports of backups do not arrive',
            description: `The Pushgateway ${namespace}/${pushgateway.name} is down or is not scraped. Backups go on; only what the cluster says of them is still watched.`,
            path: 'monitoring.pushgateway',
          },
        ]),
  ];
}
