import type { SnapshotDeletionPolicy } from '../config';
import type { PrunePlan, ScheduledRun } from './recovery-plan';

/** The resolved plan of a volume asset: every name, label, number and prefix that its manifests share. */
export interface VolumePlan {
  readonly name: string;
  /** Namespace of the claims and of the jobs. */
  readonly namespace: string;
  /** Names of the claims; empty where a selector finds them. */
  readonly claims: readonly string[];
  /** Label selector of the claims; empty where they are named. */
  readonly claimSelector: string;
  readonly snapshotClassName: string;
  /** CSI driver, where the class is part of the config. */
  readonly driver?: string;
  /** Labels of its scheduled snapshots; what lacks one of them is never touched. */
  readonly labels: Readonly<Record<string, string>>;
  readonly jobName: string;
  readonly serviceAccountName: string;
  /** Key prefix of the records below the store: `<path>/<name>`. */
  readonly prefix: string;
  readonly run: ScheduledRun;
  /** Seconds in which the snapshots of a run must become ready. */
  readonly readySeconds: number;
  /** Age classes, from the densest. */
  readonly tiers: SnapshotTierPlan[];
  /** Seconds that the oldest snapshot, and a record, is kept. */
  readonly keepSeconds: number;
  /** Newest good snapshots of each claim that are kept whatever their age. */
  readonly keepAtLeast: number;
  readonly quiesce?: QuiescePlan;
  /** Seconds after which a snapshot that is not good is removed; an immutability period of the store does not protect it. */
  readonly abandonedAfter: number;
  /** Removal of snapshots, and of records. */
  readonly prune: PrunePlan;
}

/** One age class of snapshots: `all`, or the first of each hour, day or week. */
export interface SnapshotTierPlan {
  readonly name: string;
  readonly keepSeconds: number;
}

/** What stops writers while snapshots are cut. */
export interface QuiescePlan {
  readonly podSelector: string;
  /** Container of the commands; empty for the pod's default one. */
  readonly container: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Longest time for each command, and between them. */
  readonly seconds: number;
}

/** A VolumeSnapshotClass. */
export interface SnapshotClassPlan {
  readonly name: string;
  readonly driver: string;
  readonly deletionPolicy: SnapshotDeletionPolicy;
  readonly parameters: Readonly<Record<string, string>>;
  readonly isDefault: boolean;
}

/** A snapshot that is taken once. */
export interface OneOffSnapshotPlan {
  readonly name: string;
  readonly namespace: string;
  readonly claim: string;
  readonly snapshotClassName: string;
}
