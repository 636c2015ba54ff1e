import type { Schedule } from '../schedule';
import type { Objective } from './objective';
import type { Retention } from './retention';

/** Export of cluster objects (ConfigMaps, Secrets, workloads...) to the object store. */
export interface ClusterObjectsConfig {
  /** The objective that the exports must meet. */
  readonly objective: Objective;
  /**
   * Resources to export, as plural names with their group, e.g. `deployments.apps`.
   * @default - what a restore of the namespaces needs
   */
  readonly resources?: string[];
  /**
   * When exports run.
   * @default - the largest regular interval that meets the RPO
   */
  readonly schedule?: Schedule;
  /** How long exports are kept. */
  readonly retention: Retention;
}
