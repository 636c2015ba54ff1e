import type { BackupSelection, ValidationCheck } from '../config';
import type { RestorePart, ScheduledRun } from './recovery-plan';

/** What every rehearsed restore has. */
export interface DrillPlan {
  /** Kind of drill, which its reports are called after, e.g. `restore-test`. */
  readonly kind: string;
  /** The same for people, e.g. `Restore Test`. */
  readonly title: string;
  /** What is restored, e.g. `database nextgen-postgres`. */
  readonly asset: string;
  /** Namespace of its job. */
  readonly namespace: string;
  readonly jobName: string;
  /** Path of the drill in the config. */
  readonly path: string;
  readonly run: ScheduledRun;
  /** Seconds that its steps have, before the report. */
  readonly seconds: number;
  /** Key prefix of the reports. */
  readonly reportPrefix: string;
  readonly workspaceBytes: number;
  /** Parts of a recovery that no drill can measure, such as its detection. */
  readonly assumed: RestorePart[];
  /** Seconds that a recovery is planned to take. */
  readonly planned: number;
  /** Objective of the asset: seconds that a recovery may take. */
  readonly rto: number;
  /** Seconds of a recovery beyond which the drill fails. */
  readonly limit: number;
}

/** A full restore of a dump. */
export interface RestoreTestPlan extends DrillPlan {
  /** Name of the database's Cluster. */
  readonly database: string;
  readonly selection: BackupSelection;
  readonly checks: ValidationCheck[];
  readonly corruptionCheck: boolean;
}

/** A restore of etcd's newest snapshot. */
export interface EtcdDrillPlan extends DrillPlan {
  /** Keys that the restored member must hold at least. */
  readonly minimumKeys: number;
}

/** A restore of the newest snapshots of a volume asset. */
export interface SnapshotDrillPlan extends DrillPlan {
  /** Name of the volume asset. */
  readonly volumes: string;
  /** Name of the pod that mounts what is restored. */
  readonly podName: string;
  readonly minimumFiles: number;
  /**
   * StorageClass of the restored volumes.
   * @default - that of each claim
   */
  readonly storageClassName?: string;
  /**
   * Numeric user that reads.
   * @default - that of the tools image
   */
  readonly user?: number;
}

/** A recovery of a database from its archive. */
export interface RecoveryDrillPlan extends DrillPlan {
  /** Name of the database's Cluster. */
  readonly database: string;
  /** Namespace of the database. */
  readonly databaseNamespace: string;
  /** Name of the temporary Cluster. */
  readonly clusterName: string;
  /**
   * StorageClass of its volumes.
   * @default - the cluster's default
   */
  readonly storageClass?: string;
  readonly checks: ValidationCheck[];
  readonly corruptionCheck: boolean;
  /** Seconds that what is recovered may be older than the drill: those to the chosen moment, or those that the archive may be behind. */
  readonly behind: number;
  /**
   * Seconds from the moment that is recovered to the drill.
   * @default - the end of the archive
   */
  readonly upTo?: number;
}

/** A failover of a database, on purpose. */
export interface FailoverDrillPlan extends DrillPlan {
  /** Name of the database's Cluster. */
  readonly database: string;
  /** Instances that must be ready before and after. */
  readonly instances: number;
}

/** Every rehearsed restore of a site. */
export interface DrillsPlan {
  readonly restoreTests: RestoreTestPlan[];
  readonly snapshots: SnapshotDrillPlan[];
  readonly recoveries: RecoveryDrillPlan[];
  readonly failovers: FailoverDrillPlan[];
  /**
   * The drill of etcd.
   * @default - not rehearsed
   */
  readonly etcd?: EtcdDrillPlan;
}

/** Every drill of a site, in the order in which they are generated. */
export function allDrills({ restoreTests, snapshots, recoveries, failovers, etcd }: DrillsPlan): DrillPlan[] {
  return [...restoreTests, ...recoveries, ...failovers, ...snapshots, ...(etcd === undefined ? [] : [etcd])];
}
