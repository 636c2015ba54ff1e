import type { Duration, Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { Objective } from './objective';
import type { Retention } from './retention';

/** Export of cluster objects (ConfigMaps, Secrets, workloads...) to the object store. */
export interface ClusterObjectsConfig {
  /** The objective that the exports must meet. */
  readonly objective: Objective;
  /**
   * Resources to export, as plural names with their group, e.g. `deployments.apps`; `*.<group>` is every kind of a group.
   * @default - what a restore of the namespaces needs: `DEFAULT_RESOURCES` in `lib/config/resources.ts`
   */
  readonly resources?: string[];
  /**
   * Custom resources to export beside `resources`, written in the same way.
   * @default - with databases: Cluster, ScheduledBackup and ObjectStore of CloudNativePG, since the objects that it makes are left out; otherwise none
   */
  readonly customResources?: string[];
  /**
   * Namespaces whose objects are exported; cluster-scoped objects are then left out.
   * @default - all namespaces, and cluster-scoped objects
   */
  readonly exportedNamespaces?: string[];
  /**
   * When exports run.
   * @default - the largest regular interval that meets the RPO
   */
  readonly schedule?: Schedule;
  /** How long exports are kept, and how many whatever their age. */
  readonly retention: Retention;
  /**
   * Time after which a run is killed; it counts in the worst-case loss.
   * @default Duration.minutes(10), or less to be over before the next run
   */
  readonly deadline?: Duration;
  /**
   * Namespace of the jobs.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /**
   * Name of the CronJob, at most 46 characters.
   * @default "config-backup"
   */
  readonly jobName?: string;
  /**
   * ServiceAccount of the export, which may read everything that is exported; no other job may share it.
   * @default - the name of the CronJob
   */
  readonly serviceAccountName?: string;
  /**
   * First part of every key in the store; no database may share it.
   * @default "config"
   */
  readonly path?: string;
  /**
   * Workspace for the objects as the API server returns them, cleaned and sealed.
   * @default Size.gibibytes(1)
   */
  readonly workspace?: Size;
  /**
   * When expired exports are removed.
   * @default - daily at 04:30
   */
  readonly pruneSchedule?: Schedule;
}
