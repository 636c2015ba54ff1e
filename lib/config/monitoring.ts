import type { Size } from 'cdk8s';

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
