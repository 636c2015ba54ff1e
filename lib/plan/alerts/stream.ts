import { formatSeconds } from '../../config';
import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import type { EtcdStreamPlan } from '../etcd-plan';
import { KUBE_METRICS, RUN_METRICS, SCRAPE_INTERVAL } from '../metrics';
import type { BackupSignal } from '../monitoring-plan';
import { select } from '../promql';
import { backupLabels } from '../signal-labels';
import { RESTART } from './jobs';

/** Alerts on a snapshot stream. Prometheus looks too rarely to warn before an objective of a minute is missed; it does so two scrapes later. */
export function streamAlerts(signal: BackupSignal, stream: EtcdStreamPlan): Alert[] {
  const labels = backupLabels(signal);
  const report = select(RUN_METRICS.lastSuccess, labels);
  const set = { namespace: signal.namespace, statefulset: stream.name };
  const replicas = `max(${select(KUBE_METRICS.statefulSetReplicas, set)})`;
  const ready = `max(${select(KUBE_METRICS.statefulSetReady, set)})`;
  // A report is seen up to one scrape late.
  const threshold = signal.worstCaseLoss + SCRAPE_INTERVAL;
  const common = { severity: AlertSeverity.CRITICAL, path: signal.path };
  return [
    {
      ...common,
      name: AlertName.ETCD_STREAM_STALE,
      labels: { ...labels, signal: 'report' },
      expr: `time() - max(${report}) > ${threshold}`,
      forSeconds: SCRAPE_INTERVAL,
      threshold,
      summary: `etcd's snapshot stream has stopped`,
      description: `The newest snapshot of the stream is {{ $value | humanizeDuration }} old; one is committed ${signal.run.description}, and the objective is ${formatSeconds(signal.rpo ?? signal.worstCaseLoss)}.`,
    },
    {
      ...common,
      name: AlertName.ETCD_STREAM_STALE,
      labels: { ...labels, signal: 'cluster' },
      expr: `${replicas} - ${ready} > 0\nor ${replicas} == 0`,
      forSeconds: 2 * threshold,
      summary: `etcd's snapshot stream is not ready`,
      description: `The pod of StatefulSet ${signal.namespace}/${stream.name} is not ready, which it is while its snapshots are committed in time, or is scaled away.`,
    },
    {
      ...common,
      name: AlertName.BACKUP_METRICS_ABSENT,
      labels: { ...labels, signal: 'report' },
      expr: `absent(${report})`,
      forSeconds: RESTART,
      summary: `etcd's snapshot stream reports nothing`,
      description: `No report of StatefulSet ${signal.namespace}/${stream.name} is in the Pushgateway.`,
    },
    {
      ...common,
      name: AlertName.BACKUP_METRICS_ABSENT,
      labels: { ...labels, signal: 'cluster' },
      expr: `count(${KUBE_METRICS.cronJobInfo.name}) unless on() ${replicas}`,
      forSeconds: RESTART,
      summary: `StatefulSet ${stream.name} does not exist`,
      description: `kube-state-metrics reports {{ $value }} CronJobs, but not StatefulSet ${signal.namespace}/${stream.name}: it was deleted, or never applied.`,
    },
  ];
}
