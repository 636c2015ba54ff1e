import type { ObjectStorage } from '../config';
import type { LifecyclePlan } from './lifecycle-plan';
import type { ScheduledRun } from './recovery-plan';

/** A folder of the first store that is copied. */
export interface ReplicatedPrefix {
  /** Key prefix, without a slash at its end. */
  readonly prefix: string;
  /** The object that commits a folder below it and is stored last; empty where each object stands for itself. */
  readonly marker: string;
}

/** What is lost at worst when the first store is lost together with the cluster. */
export interface OffsiteLoss {
  /** The asset, e.g. `database nextgen-postgres`. */
  readonly asset: string;
  /** Objective: seconds of work that may be lost. */
  readonly rpo: number;
  /**
   * The protection whose copies in the second store lose the least.
   * @default - none of its copies is in the second store, or they cannot be restored from alone
   */
  readonly protection?: string;
  /**
   * Seconds of work that can be lost at worst: that of the protection, and the lag.
   * @default - everything
   */
  readonly worstCaseLoss?: number;
}

/** The resolved plan of the second copy. */
export interface ReplicationPlan {
  readonly namespace: string;
  readonly jobName: string;
  readonly serviceAccountName: string;
  /** The second store. */
  readonly target: ObjectStorage;
  /** The second store in metrics: its label `target`. */
  readonly targetName: string;
  readonly targetCidrs: readonly string[];
  readonly targetPort: number;
  readonly run: ScheduledRun;
  /** Seconds that the second copy may be behind the first at worst. */
  readonly lag: number;
  /** Seconds that a run is estimated to take when everything is written that can be between two runs. */
  readonly runSeconds: number;
  /** What is copied; what vouches for others is before them. */
  readonly prefixes: ReplicatedPrefix[];
  /** What is written to the first store and not copied. */
  readonly leftOut: string[];
  /**
   * Most bytes that are transferred per second.
   * @default - no limit
   */
  readonly bandwidth?: number;
  /** What is lost at worst, per asset. */
  readonly offsite: OffsiteLoss[];
  /**
   * Rules of the second store, the only one who deletes there.
   * @default - nobody deletes there
   */
  readonly lifecycle?: LifecyclePlan;
}
