import type { ImageRef, KubeStateMetricsConfig } from '../config';

/** What is backed up, as the label `asset_kind` of what runs report says it. */
export enum AssetKind {
  /** A PostgreSQL database. */
  DATABASE = 'database',
  /** Volumes that are snapshotted together. */
  VOLUMES = 'volumes',
  /** The cluster's etcd. */
  ETCD = 'etcd',
  /** Exported cluster objects. */
  CONFIGURATION = 'configuration',
}

/** How often something that is watched happens. All times in seconds. */
export interface WatchedRun {
  /** When it runs, in words. */
  readonly description: string;
  /** Longest time between two runs. */
  readonly longestGap: number;
  /** How late a run may start. */
  readonly startDelay: number;
  /** Time after which a run is given up. */
  readonly deadline: number;
  /** Consecutive failed runs that the worst case includes. */
  readonly toleratedFailedRuns: number;
  /** Age that the newest result reaches at worst while everything goes as planned. */
  readonly worstCaseLoss: number;
}

/** Backups of one tier of an asset, whose runs report what they commit. */
export interface BackupSignal {
  /** Labels of what its runs report, which is also the grouping key of the push. */
  readonly site: string;
  readonly namespace: string;
  readonly assetKind: AssetKind;
  readonly asset: string;
  readonly tier: string;
  /**
   * Name of the CronJob in the same namespace.
   * @default - a stream, which runs without one
   */
  readonly cronJob?: string;
  readonly run: WatchedRun;
  /** Seconds of work that a recovery from these backups alone loses at worst. */
  readonly worstCaseLoss: number;
  /**
   * Seconds of work that a recovery from these backups may lose.
   * @default - none of their own: another protection meets the objective of the asset
   */
  readonly rpo?: number;
  /** Path of what decides how often they are made. */
  readonly path: string;
}

/** A job that restores the newest backup of an asset and validates it, and reports when it succeeded. */
export interface VerificationSignal {
  readonly site: string;
  readonly namespace: string;
  readonly assetKind: AssetKind;
  readonly asset: string;
  readonly cronJob: string;
  readonly run: WatchedRun;
  /** Path of its schedule. */
  readonly path: string;
}

/** A rehearsed restore of an asset, which reports what it found, good or bad. */
export interface DrillSignal {
  readonly site: string;
  /** Namespace of the asset. */
  readonly namespace: string;
  readonly assetKind: AssetKind;
  readonly asset: string;
  /** Kind of drill, e.g. `restore-test`. */
  readonly drill: string;
  /** The same for people, e.g. `Restore Test`. */
  readonly title: string;
  readonly cronJob: string;
  /** Namespace of the CronJob. */
  readonly jobNamespace: string;
  readonly run: WatchedRun;
  /** Key prefix of its reports. */
  readonly reportPrefix: string;
  /** Objective of the asset: seconds that a recovery may take. */
  readonly rto: number;
  /** Seconds above which what it measured is too slow. */
  readonly slowest: number;
  /** Whether it rehearses the recovery that loses the least of the asset, of those that are rehearsed. */
  readonly decides: boolean;
  /** Path of its schedule. */
  readonly path: string;
}

/** A job that removes what is expired; it reports nothing, so that only its CronJob is watched. */
export interface PruneSignal {
  readonly site: string;
  readonly namespace: string;
  readonly assetKind: AssetKind;
  readonly asset: string;
  readonly cronJob: string;
  readonly run: WatchedRun;
  /** Path of its schedule. */
  readonly path: string;
}

/** The WAL archive and the base backups of a Cluster, which CloudNativePG's exporter reports. */
export interface ArchiveSignal {
  readonly site: string;
  readonly namespace: string;
  /** Name of the Cluster: the value of the label `cnpg_io_cluster`. */
  readonly cluster: string;
  readonly instances: number;
  /** Seconds after which PostgreSQL closes a segment in which something was written. */
  readonly archiveTimeout: number;
  /** Seconds of work that can be lost at worst. */
  readonly worstCaseLoss: number;
  /** Seconds of work that may be lost. */
  readonly rpo: number;
  readonly baseBackups: WatchedRun;
  /** Path of the database. */
  readonly path: string;
}

/** Volume snapshots, as the generated config of kube-state-metrics reports them. */
export interface SnapshotSignal {
  readonly site: string;
  readonly namespace: string;
  readonly assetKind: AssetKind;
  readonly asset: string;
  /** Labels that select the metrics of its snapshots. */
  readonly labels: Readonly<Record<string, string>>;
  /** Claims that each have snapshots of their own; empty where a selector or the operator finds them. */
  readonly claims: readonly string[];
  readonly run: WatchedRun;
  readonly worstCaseLoss: number;
  /**
   * Seconds of work that a recovery from these snapshots may lose.
   * @default - none of their own: they make a recovery fast
   */
  readonly rpo?: number;
  /** Path of what decides how often they are taken. */
  readonly path: string;
}

/** The Pushgateway that is generated. */
export interface PushgatewayPlan {
  /** Name of its objects. */
  readonly name: string;
  readonly image: ImageRef;
  readonly port: number;
  readonly storageBytes: number;
  /** Namespaces of the jobs that report to it. */
  readonly clientNamespaces: readonly string[];
  /** Address ranges of those that report from the node's network; empty without any. */
  readonly nodeCidrs: readonly string[];
  /** Who may scrape it. */
  readonly prometheus: PodGroup;
  /**
   * StorageClass of its volume.
   * @default - the cluster's default class
   */
  readonly storageClass?: string;
}

/** Pods of one namespace or of all. */
export interface PodGroup {
  /**
   * Their namespace.
   * @default - any
   */
  readonly namespace?: string;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** Where a pushed report goes, for the egress rules of those who push. */
export interface PushPeer {
  /**
   * Namespace of the Pushgateway.
   * @default - outside of the cluster, as far as its URL says
   */
  readonly namespace?: string;
  /**
   * Labels of its pods.
   * @default - any pod of the namespace
   */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** TCP ports. */
  readonly ports: readonly number[];
}

/** What is watched and how: the only input of scrape configs, rules and dashboard. */
export interface MonitoringPlan {
  readonly namespace: string;
  readonly prometheusOperator: boolean;
  /** Labels by which the operator selects rules and scrape configs. */
  readonly labels: Readonly<Record<string, string>>;
  /** URL of the Pushgateway, without a path. */
  readonly pushUrl: string;
  readonly pushPeer: PushPeer;
  /**
   * The generated Pushgateway.
   * @default - one exists
   */
  readonly pushgateway?: PushgatewayPlan;
  /**
   * ServiceAccount of kube-state-metrics, which may read VolumeSnapshots.
   * @default - nobody is given that right
   */
  readonly kubeStateMetrics?: KubeStateMetricsConfig;
  /** Bytes above which somebody should know that a backup has grown. */
  readonly largestBackupBytes: number;
  /**
   * URL at which the runbook is published.
   * @default - not published
   */
  readonly runbookUrl?: string;
  /**
   * Folder of the dashboard in Grafana.
   * @default - Grafana's default folder
   */
  readonly dashboardFolder?: string;
  /** Backups whose runs report. */
  readonly signals: BackupSignal[];
  readonly verifications: VerificationSignal[];
  readonly drills: DrillSignal[];
  readonly prunes: PruneSignal[];
  readonly archives: ArchiveSignal[];
  readonly snapshots: SnapshotSignal[];
}
