import type { Duration, Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { Objective } from './objective';
import type { Retention } from './retention';

/** PersistentVolumeClaims that are protected by CSI snapshots under one objective. */
export interface VolumeConfig {
  /** Name of the asset, part of object names, and the schedule's part in names of snapshots. */
  readonly name: string;
  /**
   * Namespace of the claims, and of the jobs.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /** The objective that the snapshots must meet. */
  readonly objective: Objective;
  /**
   * Names of the claims.
   * @default - the claims that `claimSelector` matches
   */
  readonly claims?: string[];
  /**
   * Labels of the claims; those that match when a run starts are taken.
   * @default - the claims that `claims` names
   */
  readonly claimSelector?: Record<string, string>;
  /** Largest claim's data size, for the restore estimate. */
  readonly size: Size;
  /** VolumeSnapshotClass of the snapshots; one of `snapshotClasses`, or one that exists. */
  readonly snapshotClassName: string;
  /**
   * When snapshots are taken.
   * @default - the largest regular interval that meets the RPO
   */
  readonly schedule?: Schedule;
  /** How long snapshots are kept: hourly, daily and weekly copies come from the one set of snapshots. */
  readonly retention: Retention;
  /**
   * Time after which a run is killed; its snapshots must be ready a minute before, which is left for their records.
   * @default Duration.minutes(5)
   */
  readonly deadline?: Duration;
  /**
   * What stops writers while snapshots are cut.
   * @default - snapshots are crash-consistent
   */
  readonly quiesce?: QuiesceConfig;
  /**
   * Whether the disks are Azure PremiumV2 or Ultra, whose snapshots are copied in the background before they are ready (Azure docs,
   * incremental snapshot restrictions).
   * @default false
   */
  readonly backgroundCopy?: boolean;
  /**
   * Name of the CronJob, at most 46 characters.
   * @default "<name>-snapshots"
   */
  readonly jobName?: string;
  /**
   * ServiceAccount of the job that takes snapshots; no other job may share it.
   * @default - the name of the CronJob
   */
  readonly serviceAccountName?: string;
  /**
   * First part of every key of the records in the store; no database may share it.
   * @default "volumes"
   */
  readonly path?: string;
  /**
   * When expired snapshots and records are removed.
   * @default - hourly, at minute 25
   */
  readonly pruneSchedule?: Schedule;
  /**
   * Restore that a drill has measured: `restoreSeconds` of its report, used in place of the estimate.
   * @default - estimated from the site's assumptions
   */
  readonly measuredRestore?: Duration;
}

/** Commands that stop the writers of a claim, and let them go on once its snapshot is cut. */
export interface QuiesceConfig {
  /** Labels of the pods that the commands run in, in the namespace of the claims; without a running pod nothing writes. */
  readonly podLabels: Record<string, string>;
  /**
   * Container that the commands run in.
   * @default - the pod's default container
   */
  readonly container?: string;
  /** Command that stops writes, as program and arguments, without a shell. */
  readonly before: string[];
  /** Command that lets writes go on; it always runs after `before`, also when the run fails or is killed, and must bear being run twice. */
  readonly after: string[];
  /**
   * Longest time for each command, and for the snapshots to be cut between them.
   * @default Duration.seconds(20)
   */
  readonly timeout?: Duration;
}

/** What becomes of a provider's snapshot when its VolumeSnapshot is deleted. */
export enum SnapshotDeletionPolicy {
  /** It stays, so that a deleted namespace does not delete backups; the prune job still removes what has expired. */
  RETAIN = 'Retain',
  /** It is deleted too. */
  DELETE = 'Delete',
}

/** A VolumeSnapshotClass. */
export interface SnapshotClassConfig {
  /** Name of the class. */
  readonly name: string;
  /** CSI driver, e.g. `disk.csi.azure.com`, `ebs.csi.aws.com` or `pd.csi.storage.gke.io`, whose parameters are checked; others pass through. */
  readonly driver: string;
  /**
   * What becomes of the provider's snapshots.
   * @default SnapshotDeletionPolicy.RETAIN
   */
  readonly deletionPolicy?: SnapshotDeletionPolicy;
  /**
   * Parameters of the driver.
   * @default - none
   */
  readonly parameters?: Record<string, string>;
  /**
   * Whether it is the driver's default class; a driver may have one.
   * @default false
   */
  readonly isDefault?: boolean;
}

/** One VolumeSnapshot, taken when its manifest is applied and kept until somebody deletes it. */
export interface OneOffSnapshotConfig {
  /** Name of the VolumeSnapshot. */
  readonly name: string;
  /**
   * Namespace of the claim.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /** Name of the claim. */
  readonly claim: string;
  /** VolumeSnapshotClass; one of `snapshotClasses`, or one that exists. */
  readonly snapshotClassName: string;
}
