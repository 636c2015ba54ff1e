import type { Duration } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { ImageRef } from './image';
import type { Retention } from './retention';
import type { ValidationCheck } from './validation-check';

/** Logical dumps by `pg_dump`, and their verification. */
export interface DumpConfig {
  /** Tiers; each is a CronJob with its own schedule and retention. */
  readonly tiers: DumpTierConfig[];
  /** Role that dumps: it is created with `pg_read_all_data`, which is all a dump needs. */
  readonly credentials: DumpCredentials;
  /**
   * Parallel dump and restore workers.
   * @default 2
   */
  readonly parallelJobs?: number;
  /**
   * Image with the PostgreSQL client and server; it must not be older than the Cluster.
   * @default - the official Debian image of `majorVersion` in `lib/config/images.ts`
   */
  readonly image?: ImageRef;
  /**
   * ServiceAccount of the dump jobs.
   * @default - `<database>-dump`
   */
  readonly serviceAccountName?: string;
  /**
   * StorageClass of an ephemeral volume for the jobs' workspace, for databases too large for a node's disk.
   * @default - an emptyDir on the node
   */
  readonly workspaceStorageClass?: string;
  /**
   * Restore of the newest dump into a throw-away PostgreSQL.
   * @default - every 6 hours, without validation checks
   */
  readonly verification?: VerificationConfig;
  /**
   * When expired dumps are removed.
   * @default - daily at 04:30
   */
  readonly pruneSchedule?: Schedule;
  /**
   * Restore that a drill has measured: `restoreSeconds` of its report, used in place of the estimate.
   * @default - estimated from the site's assumptions
   */
  readonly measuredRestore?: Duration;
}

/** The role that dumps connect as. */
export interface DumpCredentials {
  /**
   * Role name.
   * @default "backup"
   */
  readonly username?: string;
  /** Secret of type `kubernetes.io/basic-auth` with `username` and `password`; CloudNativePG sets the role's password from it. */
  readonly secretName: string;
}

/** One series of dumps. */
export interface DumpTierConfig {
  /** Name of the tier, e.g. `hourly`; part of every key. */
  readonly name: string;
  /**
   * Name of the CronJob, at most 52 characters.
   * @default - `<database>-dump-<tier>`
   */
  readonly jobName?: string;
  /**
   * When dumps start.
   * @default - the largest regular interval that meets `rpo`
   */
  readonly schedule?: Schedule;
  /**
   * Worst-case loss that this tier must meet by itself.
   * @default - none; the tier is a second line of defence
   */
  readonly rpo?: Duration;
  /** How long dumps are kept, and how many whatever their age. */
  readonly retention: Retention;
  /**
   * Time after which a run is killed; it counts in the worst-case loss.
   * @default - three times the estimated run, at least 10 minutes
   */
  readonly deadline?: Duration;
}

/** Proof that dumps can be restored: a CronJob that restores the newest committed one in full. */
export interface VerificationConfig {
  /**
   * When a verification starts.
   * @default - every 6 hours
   */
  readonly schedule?: Schedule;
  /**
   * Name of the CronJob, at most 52 characters.
   * @default - `<database>-dump-verify`
   */
  readonly jobName?: string;
  /**
   * What must hold in the restored database.
   * @default - only that the restore completes
   */
  readonly checks?: ValidationCheck[];
  /**
   * Whether `pg_amcheck` examines every table and index.
   * @default true
   */
  readonly corruptionCheck?: boolean;
  /**
   * Time after which a verification is killed.
   * @default - three times the estimated restore, at least 15 minutes
   */
  readonly deadline?: Duration;
}
