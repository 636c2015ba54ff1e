/** How much an alert matters, as its label `severity` says it. */
export enum AlertSeverity {
  /** An objective is missed, or is about to be: somebody is woken. */
  CRITICAL = 'critical',
  /** The objective still holds, by what the plan tolerates: somebody looks in working hours. */
  WARNING = 'warning',
}

/** An alert, computed from the plan: it becomes one rule. All times in seconds. */
export interface Alert {
  /** Name of the alert, and in lower case its anchor in the runbook. */
  readonly name: AlertName;
  readonly severity: AlertSeverity;
  /** What it is about; with name and severity it identifies the rule. */
  readonly labels: Readonly<Record<string, string>>;
  /** PromQL that has a result while something is wrong. */
  readonly expr: string;
  /** How long the expression must have a result. */
  readonly forSeconds: number;
  /**
   * Age of the newest good result above which the expression has a result.
   * @default - the alert is not about an age
   */
  readonly threshold?: number;
  readonly summary: string;
  /** Template of what is wrong, with the value. */
  readonly description: string;
  /** Path of the setting that its numbers come from. */
  readonly path: string;
}

/** A series that Prometheus computes from others. */
export interface RecordingRule {
  /** Name of the metric. */
  readonly record: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expr: string;
}

/** Every alert that a plan may need, in the order of a runbook. */
export enum AlertName {
  BACKUP_NOT_RUNNING = 'BackupNotRunning',
  BACKUP_FAILED = 'BackupFailed',
  SNAPSHOT_TOO_OLD = 'SnapshotTooOld',
  RESTORE_TEST_FAILED = 'RestoreTestFailed',
  DRILL_FAILED = 'DrillFailed',
  DRILL_TOO_SLOW = 'DrillTooSlow',
  BACKUP_NEVER_SUCCEEDED = 'BackupNeverSucceeded',
  BACKUP_METRICS_ABSENT = 'BackupMetricsAbsent',
  BACKUP_TOO_SLOW = 'BackupTooSlow',
  BACKUP_SIZE_ANOMALY = 'BackupSizeAnomaly',
  BACKUP_TOO_LARGE = 'BackupTooLarge',
  BACKUP_JOB_SUSPENDED = 'BackupJobSuspended',
  WAL_ARCHIVING_FAILING = 'WalArchivingFailing',
  WAL_ARCHIVE_BACKLOG = 'WalArchiveBacklog',
  BASE_BACKUP_TOO_OLD = 'BaseBackupTooOld',
  ETCD_STREAM_STALE = 'EtcdStreamStale',
  SNAPSHOT_NOT_READY = 'SnapshotNotReady',
  SNAPSHOT_COUNT_NEAR_LIMIT = 'SnapshotCountNearLimit',
  RESTORE_TEST_STALE = 'RestoreTestStale',
  DRILL_STALE = 'DrillStale',
  DRILL_NEVER_RAN = 'DrillNeverRan',
  PRUNE_FAILED = 'PruneFailed',
  PUSHGATEWAY_DOWN = 'PushgatewayDown',
  REPLICATION_LAGGING = 'ReplicationLagging',
}
