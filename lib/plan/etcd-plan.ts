import type { ImageRef } from '../config';
import type { PrunePlan, ScheduledRun } from './recovery-plan';

/** The resolved plan of etcd's snapshots. */
export interface EtcdPlan {
  /** Namespace of its jobs. */
  readonly namespace: string;
  readonly jobName: string;
  readonly serviceAccountName: string;
  readonly image: ImageRef;
  /** Address of the member on the node that a job runs on. */
  readonly endpoint: string;
  /** Folder on the node with the certificates of etcd's clients. */
  readonly certificatesPath: string;
  /** Folder on the node with the newest sealed snapshots. */
  readonly localPath: string;
  /** Snapshots that are kept in it. */
  readonly localCopies: number;
  /** The members, where the config names them. */
  readonly members: readonly EtcdMemberPlan[];
  /** Expected size of the database file in bytes. */
  readonly sizeBytes: number;
  /** Tier in the commit marker. */
  readonly tier: string;
  /** Key prefix below the store: `<path>/<tier>`. */
  readonly prefix: string;
  readonly run: ScheduledRun;
  /** Seconds that a run is estimated to take. */
  readonly runSeconds: number;
  /** Seconds that a snapshot is kept. */
  readonly keepSeconds: number;
  /** Newest committed snapshots that are kept whatever their age. */
  readonly keepAtLeast: number;
  /** Bytes of workspace of a run. */
  readonly workspaceBytes: number;
  /** The snapshot stream, for an RPO that no schedule can meet. */
  readonly stream?: EtcdStreamPlan;
  readonly prune: PrunePlan;
}

/** One member of etcd. */
export interface EtcdMemberPlan {
  readonly name: string;
  readonly peerUrl: string;
}

/** Snapshots that follow each other without a schedule. */
export interface EtcdStreamPlan {
  /** Name of the StatefulSet. */
  readonly name: string;
  readonly tier: string;
  readonly prefix: string;
  /** Seconds from the beginning of one snapshot to that of the next. */
  readonly period: number;
  /** Seconds that a snapshot takes from its beginning to its commit. */
  readonly work: number;
  /** Period + work: seconds of work that can be lost at worst. */
  readonly worstCaseLoss: number;
  /** Seconds after which a single step is given up. */
  readonly stepDeadline: number;
  readonly keepSeconds: number;
  readonly keepAtLeast: number;
  readonly workspaceBytes: number;
}
