import type { Duration, Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { DumpConfig } from './dumps';
import type { ImageRef } from './image';
import type { Objective } from './objective';

/** One PostgreSQL database under CloudNativePG, and how it is protected. */
export interface DatabaseConfig {
  /** Name of the CloudNativePG Cluster: at most 50 characters, DNS-1035. */
  readonly name: string;
  /**
   * Namespace of the Cluster and of its jobs.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /** The objective that the protections must meet. */
  readonly objective: Objective;
  /** Name of the application's database inside the Cluster; the one that is dumped. */
  readonly database: string;
  /**
   * Role that owns the application's database.
   * @default "app"
   */
  readonly owner?: string;
  /** Data size to plan for; it feeds the restore estimate and the workspace of jobs. */
  readonly size: Size;
  /**
   * WAL written per day; it feeds the replay time of a point-in-time recovery.
   * @default - half of `size`
   */
  readonly changePerDay?: Size;
  /**
   * PostgreSQL major version; it decides the dump's compression (15 has gzip only, 16 and later zstd).
   * @default 17
   */
  readonly majorVersion?: number;
  /**
   * First part of every key in the store; no two databases may share it.
   * @default - the database's name
   */
  readonly path?: string;
  /**
   * Generation of the WAL archive; a restored Cluster archives under the next one, since an archive must be empty when a Cluster starts.
   * @default 1
   */
  readonly generation?: number;
  /** The Cluster itself. */
  readonly cluster: ClusterConfig;
  /**
   * Continuous WAL archiving; it is always on, since nothing else meets a short RPO.
   * @default - archive timeout derived from the RPO
   */
  readonly walArchiving?: WalArchivingConfig;
  /**
   * Base backups in the object store.
   * @default - schedule derived from the RTO, recovery window of 30 days
   */
  readonly baseBackups?: BaseBackupConfig;
  /**
   * CSI snapshots of the Cluster's volumes, for fast restores.
   * @default - no snapshots
   */
  readonly snapshots?: DatabaseSnapshotConfig;
  /**
   * Logical dumps: copies that survive a damaged archive, another major version, or a dropped table.
   * @default - no dumps
   */
  readonly dumps?: DumpConfig;
  /**
   * Recovery from the WAL archive that a drill has measured, without its detection, used in place of the estimate.
   * @default - estimated from the site's assumptions
   */
  readonly measuredRestore?: Duration;
}

/** The CloudNativePG Cluster. */
export interface ClusterConfig {
  /**
   * Instances: one primary and the rest standbys.
   * @default 3
   */
  readonly instances?: number;
  /**
   * Operand image.
   * @default - CloudNativePG's `standard` image of `majorVersion` in `lib/config/images.ts`
   */
  readonly image?: ImageRef;
  /** Size of each instance's data volume. */
  readonly storage: Size;
  /**
   * Size of each instance's own WAL volume; a full WAL disk then cannot fill the data volume.
   * @default - a tenth of `storage`, at least 2 GiB
   */
  readonly walStorage?: Size;
  /**
   * StorageClass of both volumes.
   * @default - the cluster's default class
   */
  readonly storageClass?: string;
  /**
   * Synchronous standbys that must confirm a commit.
   * @default 0 (asynchronous replication)
   */
  readonly synchronousStandbys?: number;
  /**
   * PostgreSQL parameters; those that the operator fixes are refused (cloudnative-pg pkg/postgres/configuration.go).
   * @default - the operator's defaults
   */
  readonly parameters?: PostgresParameter[];
  /**
   * Whether instances must run on different nodes (`true`) or only should (`false`). With `true` a lost node leaves the Cluster one instance short until it is back.
   * @default false
   */
  readonly requireSeparateNodes?: boolean;
  /**
   * CPU request of an instance, as a quantity.
   * @default "500m"
   */
  readonly cpuRequest?: string;
  /**
   * Memory request and limit of an instance, as a quantity.
   * @default "1Gi"
   */
  readonly memory?: string;
}

/** One PostgreSQL parameter. */
export interface PostgresParameter {
  /** Name, e.g. `max_wal_size`. */
  readonly name: string;
  /** Value as text, e.g. `4GB`. */
  readonly value: string;
}

/** Compression of WAL files, as the Barman Cloud plugin offers it. */
export enum WalCompression {
  GZIP = 'gzip',
  LZ4 = 'lz4',
  SNAPPY = 'snappy',
  ZSTD = 'zstd',
}

/** Continuous archiving of the write-ahead log. */
export interface WalArchivingConfig {
  /**
   * PostgreSQL's `archive_timeout`: how long a busy segment may stay unarchived.
   * @default - the largest multiple of 30 s that leaves the upload allowance within the RPO, at most 5 minutes
   */
  readonly archiveTimeout?: Duration;
  /**
   * Time that an archived segment may need to reach the store.
   * @default Duration.seconds(60)
   */
  readonly uploadAllowance?: Duration;
  /**
   * Compression.
   * @default WalCompression.GZIP
   */
  readonly compression?: WalCompression;
  /**
   * Segments archived, and prefetched at restore, in parallel.
   * @default 4
   */
  readonly maxParallel?: number;
}

/** Base backups by the Barman Cloud plugin. */
export interface BaseBackupConfig {
  /**
   * When base backups start; CloudNativePG reads it in UTC.
   * @default - the largest regular interval that keeps WAL replay within the RTO, at most weekly
   */
  readonly schedule?: Schedule;
  /**
   * Recovery window in days: how far back a point-in-time recovery reaches.
   * @default 30
   */
  readonly retentionDays?: number;
}

/** CSI snapshots of the Cluster's volumes, taken by CloudNativePG. */
export interface DatabaseSnapshotConfig {
  /** When snapshots are taken; CloudNativePG reads it in UTC. */
  readonly schedule: Schedule;
  /** VolumeSnapshotClass; use one with `deletionPolicy: Retain`. */
  readonly className: string;
}
