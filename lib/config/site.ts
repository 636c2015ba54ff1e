import type { Duration, Size } from 'cdk8s';
import type { ClusterObjectsConfig } from './cluster-objects';
import type { DatabaseConfig } from './database';
import type { DrillConfig } from './drills';
import type { Encryption } from './encryption';
import type { EtcdConfig } from './etcd';
import type { ImageRef } from './image';
import type { LifecycleConfig } from './lifecycle';
import type { MonitoringConfig } from './monitoring';
import type { ObjectStorage } from './object-storage';
import type { ReplicationConfig } from './replication';
import type { RunbookConfig } from './runbook';
import type { OneOffSnapshotConfig, SnapshotClassConfig, VolumeConfig } from './volumes';

/** Everything that one cluster protects: the single input of the library. */
export interface DisasterRecoveryConfig {
  /** Name of the site, part of labels and of the plan, e.g. `nextgen`. */
  readonly site: string;
  /** Namespace of assets that name none. */
  readonly namespace: string;
  /** Where backups are stored. */
  readonly storage: ObjectStorage;
  /** How files are sealed before they leave a pod. */
  readonly encryption: Encryption;
  /**
   * PostgreSQL databases.
   * @default - none
   */
  readonly databases?: DatabaseConfig[];
  /**
   * Volumes protected by CSI snapshots.
   * @default - none
   */
  readonly volumes?: VolumeConfig[];
  /**
   * VolumeSnapshotClasses that are generated.
   * @default - none; the classes that snapshots use must exist
   */
  readonly snapshotClasses?: SnapshotClassConfig[];
  /**
   * Snapshots that are taken once.
   * @default - none
   */
  readonly oneOffSnapshots?: OneOffSnapshotConfig[];
  /**
   * The cluster's etcd.
   * @default - not protected
   */
  readonly etcd?: EtcdConfig;
  /**
   * Cluster objects such as ConfigMaps, Secrets and workloads.
   * @default - not exported
   */
  readonly configuration?: ClusterObjectsConfig;
  /**
   * Rules by which the store itself removes what is left over.
   * @default - none generated
   */
  readonly lifecycle?: LifecycleConfig;
  /**
   * Second copy of committed backups in another region, account or provider.
   * @default - no second copy
   */
  readonly replication?: ReplicationConfig;
  /**
   * Rehearsed restores.
   * @default - none
   */
  readonly drills?: DrillConfig;
  /**
   * How alerts and dashboards reach the monitoring stack.
   * @default - none generated
   */
  readonly monitoring?: MonitoringConfig;
  /**
   * The runbook, which is always generated.
   * @default - in the site's namespace, without contacts
   */
  readonly runbook?: RunbookConfig;
  /**
   * Images of the job steps.
   * @default - the tested images
   */
  readonly images?: ImagesConfig;
  /**
   * What Argo CD may do with the generated objects.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
  /**
   * How jobs reach their peers, for NetworkPolicies.
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere, the API server on TCP 443 and 6443
   */
  readonly network?: NetworkConfig;
  /**
   * Rates and times that estimates are made from until a drill has measured them.
   * @default - see `lib/config/defaults.ts`
   */
  readonly assumptions?: AssumptionsConfig;
}

/** Images of job steps; the PostgreSQL image belongs to the database. */
export interface ImagesConfig {
  /**
   * rclone, for everything that touches the store.
   * @default - the tested image
   */
  readonly rclone?: ImageRef;
  /**
   * kubectl and jq 1.7 or later with a shell, for jobs that talk to the API server.
   * @default - the tested image
   */
  readonly kubectl?: ImageRef;
  /**
   * gpg and tar with a shell, for sealing where the asset's own image has none.
   * @default - the tested PostgreSQL image, which has both
   */
  readonly tools?: ImageRef;
  /**
   * Pushgateway, where one is generated.
   * @default - the tested image
   */
  readonly pushgateway?: ImageRef;
}

/** What Argo CD may do. */
export interface GitOpsConfig {
  /**
   * Whether objects carry Argo CD annotations: sync waves, and `Prune=false,Delete=false` on what holds data.
   * @default true
   */
  readonly argoCd?: boolean;
}

/** Peers of the jobs, for egress rules. */
export interface NetworkConfig {
  /**
   * Whether a NetworkPolicy is generated for each job.
   * @default true
   */
  readonly policies?: boolean;
  /**
   * Address ranges of the object store, e.g. a private endpoint.
   * @default ["0.0.0.0/0"]
   */
  readonly storeCidrs?: string[];
  /**
   * TCP port of the object store.
   * @default 443
   */
  readonly storePort?: number;
  /**
   * Address ranges of the API server, for jobs that talk to it.
   * @default ["0.0.0.0/0"]
   */
  readonly apiServerCidrs?: string[];
  /**
   * TCP ports of the API server's endpoints.
   * @default [443, 6443]
   */
  readonly apiServerPorts?: number[];
}

/** Inputs of the estimates. Rates are sizes per second. */
export interface AssumptionsConfig {
  /**
   * From the failure to a person starting the restore.
   * @default Duration.minutes(5)
   */
  readonly detection?: Duration;
  /**
   * From a running server to a validated one.
   * @default Duration.minutes(1)
   */
  readonly validation?: Duration;
  /**
   * Download from the store, per second.
   * @default Size.mebibytes(80)
   */
  readonly fetchPerSecond?: Size;
  /**
   * WAL replay, per second.
   * @default Size.mebibytes(40)
   */
  readonly replayPerSecond?: Size;
  /**
   * `pg_dump` reading, per second.
   * @default Size.mebibytes(40)
   */
  readonly dumpPerSecond?: Size;
  /**
   * `pg_restore` loading, per second.
   * @default Size.mebibytes(25)
   */
  readonly loadPerSecond?: Size;
  /**
   * Volume from a snapshot until it can be mounted.
   * @default Duration.minutes(2)
   */
  readonly snapshotRestore?: Duration;
  /**
   * How late a scheduled run may start; it becomes `startingDeadlineSeconds`.
   * @default Duration.minutes(5)
   */
  readonly startDelay?: Duration;
  /**
   * Consecutive failed runs that an objective must survive.
   * @default 1
   */
  readonly toleratedFailedRuns?: number;
  /**
   * From a failed verification to a person having mended the backups.
   * @default Duration.days(1)
   */
  readonly reaction?: Duration;
}
