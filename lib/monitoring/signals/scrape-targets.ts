import type { MonitoringPlan } from '../../plan';
import { CLUSTER_LABEL, SCRAPE_JOBS } from '../../plan';

/** Pods that are scraped, in words that both forms of scrape config are written from. */
export interface ScrapeTarget {
  /** Value of the label `job`. */
  readonly job: string;
  readonly namespaces: readonly string[];
  /** Labels of the pods. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Name of the port of the container. */
  readonly port: string;
  /** Whether labels of the series win over those of the target. */
  readonly honorLabels: boolean;
  /** The Clusters that pods must belong to, as `<namespace>;<name>`; none for pods of no Cluster. */
  readonly clusters: readonly string[];
}

/** Label by which CloudNativePG says which Cluster a pod is of (cloudnative-pg docs/src/labels_annotations.md). */
export const CLUSTER_POD_LABEL = 'cnpg.io/cluster';

/** The same label as service discovery has it. */
export const CLUSTER_META_LABEL = `__meta_kubernetes_pod_label_${CLUSTER_LABEL}`;

/** Name of the Pushgateway's port. */
export const PUSHGATEWAY_PORT_NAME = 'http';

/** What Prometheus scrapes: the exporters of the Clusters, and the Pushgateway where it is ours. */
export function scrapeTargets({ archives, pushgateway, namespace }: MonitoringPlan): ScrapeTarget[] {
  const clusters = archives.map((archive) => `${archive.namespace};${archive.cluster}`);
  const databases: ScrapeTarget = {
    job: SCRAPE_JOBS.databases,
    namespaces: [...new Set(archives.map((archive) => archive.namespace))].sort(),
    podLabels: { 'cnpg.io/podRole': 'instance' },
    port: 'metrics',
    honorLabels: false,
    clusters,
  };
  return [
    ...(clusters.length === 0 ? [] : [databases]),
    ...(pushgateway === undefined
      ? []
      : [
          {
            job: SCRAPE_JOBS.pushgateway,
            namespaces: [namespace],
            podLabels: { 'app.kubernetes.io/name': pushgateway.name },
            port: PUSHGATEWAY_PORT_NAME,
            // What runs pushed says itself which job and namespace it is of.
            honorLabels: true,
            clusters: [],
          },
        ]),
  ];
}
