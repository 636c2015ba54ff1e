/** Who exports a metric. */
export enum MetricSource {
  /** A run, through the Pushgateway, once its commit marker or report is stored. */
  RUN = 'run',
  /** kube-state-metrics (docs/metrics/workload of kubernetes/kube-state-metrics). */
  KUBE_STATE_METRICS = 'kube-state-metrics',
  /** kube-state-metrics, by the generated CustomResourceState config. */
  CUSTOM_RESOURCE_STATE = 'custom-resource-state',
  /** The exporter of CloudNativePG's instances (docs/src/monitoring.md), with the Barman plugin's series (web/docs/observability.md). */
  CLOUD_NATIVE_PG = 'cloudnative-pg',
  /** Prometheus itself, by a generated recording rule. */
  RECORDING_RULE = 'recording-rule',
  /** Prometheus itself, for each target that it scrapes. */
  SCRAPE = 'scrape',
}

/** A metric that rules, dashboard or runs use. */
export interface Metric {
  readonly name: string;
  readonly source: MetricSource;
  /** What it says, for its HELP line and the docs. */
  readonly help: string;
  /** Labels that rules may select or join by. */
  readonly labels: readonly string[];
}

/** Labels of everything that concerns the backups of one tier of one asset; also the grouping key of a push. */
export const BACKUP_LABELS = ['site', 'namespace', 'asset_kind', 'asset', 'tier'] as const;
const ASSET_LABELS = ['site', 'namespace', 'asset_kind', 'asset'] as const;
const REPLICATION_LABELS = ['site', 'namespace', 'target'] as const;

const run = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  source: MetricSource.RUN,
  labels,
  help,
});

/** What runs report. Names are units of Prometheus' own conventions; each is a gauge. */
export const RUN_METRICS = {
  lastSuccess: run(
    'backup_last_success_timestamp_seconds',
    BACKUP_LABELS,
    'When the newest backup was committed, in Unix time.',
  ),
  duration: run('backup_duration_seconds', BACKUP_LABELS, 'Seconds from capture to commit of the newest backup.'),
  size: run('backup_size_bytes', BACKUP_LABELS, 'Bytes that the newest backup holds in the store.'),
  expectedInterval: run(
    'backup_expected_interval_seconds',
    BACKUP_LABELS,
    'Longest time between two scheduled backups, in seconds.',
  ),
  verifyLastSuccess: run(
    'backup_verify_last_success_timestamp_seconds',
    ASSET_LABELS,
    'When a backup was last restored and validated, in Unix time.',
  ),
  verifyDuration: run(
    'backup_verify_duration_seconds',
    ASSET_LABELS,
    'Seconds from fetch to validated restore of the newest verification.',
  ),
  replicationLastSuccess: run(
    'backup_replication_last_success_timestamp_seconds',
    REPLICATION_LABELS,
    'When every committed backup was last found at the second store, in Unix time.',
  ),
  replicationDuration: run(
    'backup_replication_duration_seconds',
    REPLICATION_LABELS,
    'Seconds that the newest replication took.',
  ),
} as const;
