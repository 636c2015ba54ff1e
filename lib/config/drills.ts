import type { Duration } from 'cdk8s';
import type { Schedule } from '../schedule';

/** Which committed backup a drill restores. */
export enum BackupSelection {
  /** A random one of a random tier, so that what is only ever kept is proven too. */
  RANDOM = 'random',
  /** The newest. */
  LATEST = 'latest',
}

/** Rehearsed restores: each is a CronJob that restores, checks, measures, stores a report and leaves nothing behind. */
export interface DrillConfig {
  /**
   * Full restore of a dump of every database that has dumps, into a PostgreSQL that lives in the job's pod.
   * @default - not rehearsed
   */
  readonly restoreTest?: RestoreTestConfig;
  /**
   * Restore of etcd's newest snapshot into a member that lives in the job's pod.
   * @default - not rehearsed
   */
  readonly etcd?: EtcdDrillConfig;
  /**
   * Restore of the newest snapshot of every claim into a volume of a pod that reads it.
   * @default - not rehearsed
   */
  readonly snapshots?: SnapshotDrillConfig;
  /**
   * Recovery of every database from its archive into a temporary Cluster.
   * @default - not rehearsed
   */
  readonly recovery?: RecoveryDrillConfig;
  /**
   * Failover of every live database with standbys: its primary is stopped without notice, and writes stop for a while.
   * @default - not rehearsed
   */
  readonly failover?: FailoverDrillConfig;
}

/** A full restore of a dump, with the checks of the database's verification. */
export interface RestoreTestConfig {
  /**
   * When it starts.
   * @default - monthly, on the first at 03:00
   */
  readonly schedule?: Schedule;
  /**
   * Which dump is restored.
   * @default BackupSelection.RANDOM
   */
  readonly selection?: BackupSelection;
  /**
   * Longest recovery, from the failure to a validated restore, that is not a failure.
   * @default - the RTO of the database, or the planned restore of its dumps where that takes longer
   */
  readonly restoreWithin?: Duration;
  /**
   * Name of the CronJob, at most 52 characters; for a site with one database that has dumps.
   * @default - `<database>-restore-test`
   */
  readonly jobName?: string;
  /**
   * Time after which the restore is given up and reported as failed.
   * @default - three times the estimated restore, at least 15 minutes
   */
  readonly deadline?: Duration;
}

/** A restore of etcd's newest snapshot, scheduled or of the stream. */
export interface EtcdDrillConfig {
  /**
   * When it starts.
   * @default - monthly, on the first at 03:30
   */
  readonly schedule?: Schedule;
  /**
   * Keys that the restored member must hold at least.
   * @default 100, which every Kubernetes cluster exceeds
   */
  readonly minimumKeys?: number;
  /**
   * Longest recovery, from the failure to a running control plane, that is not a failure.
   * @default - the RTO of etcd, or the planned restore where that takes longer
   */
  readonly restoreWithin?: Duration;
  /**
   * Time after which the restore is given up and reported as failed.
   * @default Duration.minutes(15)
   */
  readonly deadline?: Duration;
}

/** A restore of the newest good snapshot of every claim, one after the other. */
export interface SnapshotDrillConfig {
  /**
   * When it starts.
   * @default - monthly, on the first at 04:00
   */
  readonly schedule?: Schedule;
  /**
   * Files that each volume must hold at least.
   * @default 1
   */
  readonly minimumFiles?: number;
  /**
   * StorageClass of the restored volumes, of the driver of the snapshots.
   * @default - that of each claim
   */
  readonly storageClassName?: string;
  /**
   * Numeric user that reads, where the driver does not give the files to the group of the pod.
   * @default - that of the tools image
   */
  readonly user?: number;
  /**
   * Longest recovery of all claims, from the failure to validated volumes, that is not a failure.
   * @default - the RTO of the volumes, or their planned restore where that takes longer
   */
  readonly restoreWithin?: Duration;
  /**
   * Time after which the restore is given up and reported as failed.
   * @default Duration.hours(1)
   */
  readonly deadline?: Duration;
}

/** A recovery from the archive into a temporary Cluster with one instance, which archives nothing. */
export interface RecoveryDrillConfig {
  /**
   * When it starts.
   * @default - weekly, on Sunday at 05:00
   */
  readonly schedule?: Schedule;
  /**
   * Existing namespace of the temporary Clusters, with a copy of the store's Secrets; no other database lives in it.
   * @default - `<namespace of the site>-drill`
   */
  readonly namespace?: string;
  /**
   * How long before the drill the moment lies that is recovered, for a database that is written to all the time: PostgreSQL fails a recovery
   * to a moment that no transaction follows (documentation, "Recovery Target").
   * @default - the end of the archive, which an idle database can be recovered to as well
   */
  readonly upTo?: Duration;
  /**
   * StorageClass of their volumes.
   * @default - that of each database
   */
  readonly storageClass?: string;
  /**
   * Longest recovery, from the failure to a validated database, that is not a failure.
   * @default - the RTO of the database, or its planned recovery where that takes longer
   */
  readonly restoreWithin?: Duration;
  /**
   * Time after which the recovery is given up and reported as failed.
   * @default - three times the planned recovery, at least half an hour
   */
  readonly deadline?: Duration;
}

/** A failover of the live database. It is begun only when every instance is ready. */
export interface FailoverDrillConfig {
  /**
   * When it starts.
   * @default - quarterly, on the first of January, April, July and October at 06:00
   */
  readonly schedule?: Schedule;
  /**
   * Longest time without writes that is not a failure.
   * @default Duration.minutes(2)
   */
  readonly writesWithin?: Duration;
  /**
   * Time after which it is given up and reported as failed.
   * @default Duration.minutes(20)
   */
  readonly deadline?: Duration;
}
