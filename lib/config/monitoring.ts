import type { Size } from 'cdk8s';
import type { Schedule } from '../schedule';

/** Where runs report what they have committed, since a pod that lives for minutes cannot be scraped. */
export interface PushgatewayConfig {
  /**
   * URL of an existing Pushgateway without a path, e.g. `http://pushgateway.monitoring.svc:9091`.
   * @default - one is generated
   */
  readonly url?: string;
  /**
   * Volume of the generated Pushgateway, which would forget every report when it restarts without one.
   * @default Size.gibibytes(1)
   */
  readonly storage?: Size;
  /**
   * StorageClass of that volume.
   * @default - the cluster's default class
   */
  readonly storageClass?: string;
  /**
   * Address ranges from which pods in the node's network reach the generated Pushgateway: those of etcd's jobs, which no label tells from others.
   * @default - `network.apiServerCidrs`, since kubeadm's API servers run on the same nodes
   */
  readonly nodeCidrs?: string[];
}

/** Pods that may scrape the generated Pushgateway. */
export interface PrometheusPodsConfig {
  /**
   * Namespace of the pods.
   * @default - any
   */
  readonly namespace?: string;
  /**
   * Labels of the pods.
   * @default - `app.kubernetes.io/name: prometheus`, which operator and Helm charts set
   */
  readonly podLabels?: Record<string, string>;
}

/** The identity of kube-state-metrics. */
export interface KubeStateMetricsConfig {
  /** Its namespace. */
  readonly namespace: string;
  /** Name of its ServiceAccount. */
  readonly serviceAccountName: string;
}

/** The job that looks into the store, so that nobody has to believe what other jobs say of their backups. */
export interface StoreProbeConfig {
  /**
   * Whether there is one.
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * When it looks.
   * @default - every half of the smallest RPO, but not more often than every 5 minutes, and at least every hour
   */
  readonly schedule?: Schedule;
}

/** How alerts and dashboards reach the monitoring stack. */
export interface MonitoringConfig {
  /**
   * Namespace of the generated objects.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /**
   * Whether Prometheus Operator objects are generated, rather than files for a Prometheus without the operator.
   * @default true
   */
  readonly prometheusOperator?: boolean;
  /**
   * Labels by which the operator selects rules and scrape configs, e.g. `release: prometheus` for kube-prometheus-stack
   * (`ruleSelectorNilUsesHelmValues` in its values).
   * @default - none
   */
  readonly labels?: Record<string, string>;
  /**
   * Where runs report.
   * @default - a Pushgateway is generated
   */
  readonly pushgateway?: PushgatewayConfig;
  /**
   * The job that looks into the store.
   * @default - it looks as often as the smallest RPO asks for
   */
  readonly storeProbe?: StoreProbeConfig;
  /**
   * The Prometheus that scrapes the generated Pushgateway, for its NetworkPolicy.
   * @default - pods with the usual label, in any namespace
   */
  readonly prometheusPods?: PrometheusPodsConfig;
  /**
   * Who is allowed to read VolumeSnapshots for the metrics of their age.
   * @default - a ClusterRole is generated, but bound to nobody
   */
  readonly kubeStateMetrics?: KubeStateMetricsConfig;
  /**
   * Size of one backup above which somebody should know.
   * @default Size.gibibytes(931), the nearest below 1 TB
   */
  readonly largestBackup?: Size;
  /**
   * URL at which the runbook is published, to which alerts add their anchor.
   * @default - alerts name the ConfigMap that holds it
   */
  readonly runbookUrl?: string;
  /**
   * Folder of the dashboard in Grafana.
   * @default - Grafana's default folder
   */
  readonly dashboardFolder?: string;
}
