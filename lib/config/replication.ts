import type { Duration, Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { ObjectStorage } from './object-storage';

/** Second copy of committed backups, for the day on which the first store is lost too. */
export interface ReplicationConfig {
  /** Where the second copy is kept: another region, account or provider. */
  readonly target: ObjectStorage;
  /**
   * How far the second copy may be behind the first at worst.
   * @default - whatever the schedule gives
   */
  readonly lag?: Duration;
  /**
   * When committed backups are copied.
   * @default - the largest regular interval that meets the lag; hourly without one
   */
  readonly schedule?: Schedule;
  /**
   * Folders that are copied, e.g. `postgres` or `postgres/daily`.
   * @default - everything that is written, but for etcd's snapshot stream, whose snapshots are worth nothing after an hour
   */
  readonly prefixes?: string[];
  /**
   * How much longer than the first store the second keeps a copy, in whole days; lifecycle rules that say so are generated.
   * @default - nobody deletes in the second store
   */
  readonly keepLonger?: Duration;
  /**
   * Most that is transferred per second.
   * @default - no limit
   */
  readonly bandwidthPerSecond?: Size;
  /**
   * Time after which a run is killed; the next one goes on where it ended.
   * @default - what the stated sizes take, or less to be over before the next run
   */
  readonly deadline?: Duration;
  /**
   * Namespace of the job; the credentials of both stores must be there.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /**
   * Name of the CronJob, at most 52 characters.
   * @default "backup-replication"
   */
  readonly jobName?: string;
  /**
   * ServiceAccount of the job, which no other job may share.
   * @default - the name of the CronJob
   */
  readonly serviceAccountName?: string;
  /**
   * Address ranges of the second store, e.g. a private endpoint.
   * @default - those of the first store
   */
  readonly targetCidrs?: string[];
  /**
   * TCP port of the second store.
   * @default - that of the first store
   */
  readonly targetPort?: number;
}
