import { Construct } from 'constructs';
import type { PodMonitorSpecPodMetricsEndpointsRelabelings } from '../../../imports/monitoring.coreos.com';
import {
  PodMonitorSpecPodMetricsEndpointsRelabelingsAction as Action,
  PodMonitor,
} from '../../../imports/monitoring.coreos.com';
import type { ObjectDefaults } from '../../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import { SCRAPE_INTERVAL } from '../../plan';
import type { ScrapeTarget } from './scrape-targets';
import { CLUSTER_META_LABEL, CLUSTER_POD_LABEL } from './scrape-targets';

/** What is scraped, and the labels by which an operator finds it. */
export interface ScrapeProps {
  readonly defaults: ObjectDefaults;
  readonly targets: readonly ScrapeTarget[];
  /** Labels that the config gives. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Scrape configs for Prometheus Operator. CloudNativePG's own `enablePodMonitor` is deprecated. */
export class PodMonitors extends Construct {
  public constructor(scope: Construct, id: string, props: ScrapeProps) {
    super(scope, id);
    const { defaults } = props;
    for (const target of props.targets) {
      const { job, namespaces, podLabels, port, honorLabels, clusters } = target;
      new PodMonitor(this, job, {
        metadata: {
          name: job,
          namespace: defaults.namespace,
          labels: { ...labelsFor(defaults, job, 'monitoring'), ...props.labels },
          annotations: argoAnnotations(defaults, SyncWave.JOB),
        },
        spec: {
          namespaceSelector: { matchNames: [...namespaces] },
          selector: { matchLabels: { ...podLabels } },
          ...(clusters.length === 0 ? {} : { podTargetLabels: [CLUSTER_POD_LABEL] }),
          podMetricsEndpoints: [
            {
              port,
              path: '/metrics',
              interval: `${SCRAPE_INTERVAL}s`,
              ...(honorLabels ? { honorLabels } : {}),
              relabelings: relabelings(target),
            },
          ],
        },
      });
    }
  }
}

/** The operator would call the job `<namespace>/<name>`, and add the pod to what other pods pushed. */
function relabelings({ job, clusters, honorLabels }: ScrapeTarget): PodMonitorSpecPodMetricsEndpointsRelabelings[] {
  return [
    ...(clusters.length === 0
      ? []
      : [
          {
            sourceLabels: ['__meta_kubernetes_namespace', CLUSTER_META_LABEL],
            regex: clusters.join('|'),
            action: Action.KEEP,
          },
        ]),
    { targetLabel: 'job', replacement: job, action: Action.REPLACE },
    ...(honorLabels ? [{ regex: 'pod|container|endpoint', action: Action.LABELDROP }] : []),
  ];
}
