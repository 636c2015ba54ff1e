/** Who exports a metric. */
export enum MetricSource {
  /** A run, through the Pushgateway, once its commit marker or report is stored; of drills, failed ones too. */
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
  /** The Pushgateway, for each group of reports (README of prometheus/pushgateway). */
  PUSHGATEWAY = 'pushgateway',
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
/** Labels of everything that concerns an asset. */
export const ASSET_LABELS = ['site', 'namespace', 'asset_kind', 'asset'] as const;
const REPLICATION_LABELS = ['site', 'namespace', 'target'] as const;

const CRONJOB_LABELS = ['namespace', 'cronjob'] as const;
const JOB_LABELS = ['namespace', 'job_name'] as const;
const STATEFULSET_LABELS = ['namespace', 'statefulset'] as const;

/** Label that scraping gives every series of a Cluster's instances: the pod label `cnpg.io/cluster`, as the operator writes it. */
export const CLUSTER_LABEL = 'cnpg_io_cluster';

/** Values of the label `job` of what is scraped. */
export const SCRAPE_JOBS = {
  /** The exporter of CloudNativePG's instances. */
  databases: 'postgres-backup',
  /** The Pushgateway, with what it exports of itself. What runs pushed has the job {@link PUSH_JOB}. */
  pushgateway: 'backup-jobs',
} as const;

/** Seconds between two scrapes: well below the shortest time that a rule waits for. */
export const SCRAPE_INTERVAL = 30;

/** Value of the label `job` of what runs push. */
export const PUSH_JOB = 'cdk8s-dr';

/** Labels of the metrics of a volume snapshot; those whose source a snapshot lacks are missing from its series. */
export const SNAPSHOT_LABELS = {
  namespace: 'namespace',
  /** Name of the VolumeSnapshot. */
  name: 'name',
  claim: 'claim',
  /** Site as the label `app.kubernetes.io/part-of` has it. */
  partOf: 'part_of',
  /** Name of the volume asset that it belongs to. */
  asset: 'asset',
  /** `scheduled` for those that jobs take. */
  tier: 'tier',
  /** CloudNativePG's Cluster, of the snapshots that it takes. */
  cluster: 'cluster',
} as const;

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

const from =
  (source: MetricSource) =>
  (name: string, labels: readonly string[], help: string): Metric => ({ name, source, labels, help });

const snapshot = from(MetricSource.CUSTOM_RESOURCE_STATE);

/** What kube-state-metrics reports of VolumeSnapshots by the generated config. */
export const SNAPSHOT_METRICS = {
  created: snapshot(
    'volume_snapshot_creation_timestamp',
    Object.values(SNAPSHOT_LABELS),
    'When the snapshot was cut, in Unix time.',
  ),
  ready: snapshot(
    'volume_snapshot_ready_to_use',
    Object.values(SNAPSHOT_LABELS),
    'Whether a volume can be restored from the snapshot: 1 or 0.',
  ),
  size: snapshot(
    'volume_snapshot_restore_size_bytes',
    Object.values(SNAPSHOT_LABELS),
    'Smallest volume that the snapshot can be restored to, in bytes.',
  ),
} as const;

const kube = from(MetricSource.KUBE_STATE_METRICS);

/** What kube-state-metrics reports of jobs. Series of a time that has not come yet do not exist. */
export const KUBE_METRICS = {
  cronJobInfo: kube('kube_cronjob_info', CRONJOB_LABELS, 'The CronJob exists: 1.'),
  cronJobCreated: kube('kube_cronjob_created', CRONJOB_LABELS, 'When the CronJob was created, in Unix time.'),
  cronJobSuspended: kube('kube_cronjob_spec_suspend', CRONJOB_LABELS, 'Whether the CronJob is suspended: 1 or 0.'),
  cronJobActive: kube('kube_cronjob_status_active', CRONJOB_LABELS, 'Jobs of the CronJob that run.'),
  cronJobLastSchedule: kube(
    'kube_cronjob_status_last_schedule_time',
    CRONJOB_LABELS,
    'When a Job was last created, in Unix time.',
  ),
  cronJobLastSuccess: kube(
    'kube_cronjob_status_last_successful_time',
    CRONJOB_LABELS,
    'When a Job last succeeded, in Unix time.',
  ),
  cronJobNextSchedule: kube(
    'kube_cronjob_next_schedule_time',
    CRONJOB_LABELS,
    'When the next Job is due, in Unix time.',
  ),
  jobOwner: kube(
    'kube_job_owner',
    [...JOB_LABELS, 'owner_kind', 'owner_name'],
    'The CronJob that a Job belongs to: 1.',
  ),
  jobFailed: kube('kube_job_failed', [...JOB_LABELS, 'condition'], 'Whether a Job has failed for good: 1 or 0.'),
  jobStart: kube('kube_job_status_start_time', JOB_LABELS, 'When a Job started, in Unix time.'),
  jobCompletion: kube('kube_job_status_completion_time', JOB_LABELS, 'When a Job succeeded, in Unix time.'),
  jobDeadline: kube('kube_job_spec_active_deadline_seconds', JOB_LABELS, 'Seconds after which a Job is ended.'),
  claimInfo: kube('kube_persistentvolumeclaim_info', ['namespace', 'persistentvolumeclaim'], 'The claim exists: 1.'),
  statefulSetReplicas: kube('kube_statefulset_replicas', STATEFULSET_LABELS, 'Pods that a StatefulSet should have.'),
  statefulSetReady: kube(
    'kube_statefulset_status_replicas_ready',
    STATEFULSET_LABELS,
    'Pods of a StatefulSet that are ready.',
  ),
} as const;

const INSTANCE_LABELS = ['job', 'namespace', 'pod', CLUSTER_LABEL] as const;
const instance = from(MetricSource.CLOUD_NATIVE_PG);

/** What the exporter of a Cluster's instances reports. Times are 0 or -1 until the event has happened. */
export const DATABASE_METRICS = {
  up: instance('cnpg_collector_up', INSTANCE_LABELS, 'Whether PostgreSQL runs: 1 or 0.'),
  walFiles: instance(
    'cnpg_collector_pg_wal_archive_status',
    [...INSTANCE_LABELS, 'value'],
    'WAL files by their state: `ready` ones wait to be archived, `done` ones are.',
  ),
  lastArchived: instance(
    'cnpg_pg_stat_archiver_last_archived_time',
    INSTANCE_LABELS,
    'When WAL was last archived, in Unix time.',
  ),
  lastArchiveFailure: instance(
    'cnpg_pg_stat_archiver_last_failed_time',
    INSTANCE_LABELS,
    'When archiving WAL last failed, in Unix time.',
  ),
  sinceLastArchived: instance(
    'cnpg_pg_stat_archiver_seconds_since_last_archival',
    INSTANCE_LABELS,
    'Seconds since WAL was last archived; an idle database archives nothing.',
  ),
  archiveFailures: instance(
    'cnpg_pg_stat_archiver_failed_count',
    INSTANCE_LABELS,
    'Failures to archive WAL, since the statistics were reset.',
  ),
  lastBaseBackup: instance(
    'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp',
    INSTANCE_LABELS,
    'When the newest base backup in the store was made, in Unix time.',
  ),
  lastBaseBackupFailure: instance(
    'barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp',
    INSTANCE_LABELS,
    'When a base backup last failed, in Unix time.',
  ),
  firstRecoverabilityPoint: instance(
    'barman_cloud_cloudnative_pg_io_first_recoverability_point',
    INSTANCE_LABELS,
    'The earliest time that can be recovered to, in Unix time.',
  ),
  databaseSize: instance(
    'cnpg_pg_database_size_bytes',
    [...INSTANCE_LABELS, 'datname'],
    'Bytes that a database takes on disk.',
  ),
} as const;

const pushed = from(MetricSource.PUSHGATEWAY);

/** What the Pushgateway adds to each group of reports; the group's labels are those of the reports. */
export const PUSHGATEWAY_METRICS = {
  pushed: pushed('push_time_seconds', ['job'], 'When the group was last pushed to, in Unix time.'),
  pushFailed: pushed('push_failure_time_seconds', ['job'], 'When a push to the group was last refused, in Unix time.'),
} as const;

/** Whether a target could be scraped, which Prometheus adds. */
export const SCRAPE_UP: Metric = {
  name: 'up',
  source: MetricSource.SCRAPE,
  labels: ['job', 'namespace', 'pod'],
  help: 'Whether the target could be scraped: 1 or 0.',
};
