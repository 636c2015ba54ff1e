import type { ApiResource, Encryption, ImageRef, ObjectStorage, ValidationCheck } from '../config';
import type { DrillsPlan } from './drill-plan';
import type { EtcdPlan } from './etcd-plan';
import type { ExternalReference } from './external-reference';
import type { Finding } from './finding';
import type { LifecyclePlan } from './lifecycle-plan';
import type { MonitoringPlan } from './monitoring-plan';
import type { ReplicationPlan } from './replication-plan';
import type { RunbookPlan } from './runbook-plan';
import type { OneOffSnapshotPlan, SnapshotClassPlan, VolumePlan } from './volume-plan';

/** How a scheduled protection runs, and the work it can lose at worst. All times in seconds. */
export interface ScheduledRun {
  /** Five-field expression for a CronJob. */
  readonly cron: string;
  /** Six-field expression for CloudNativePG. */
  readonly cnpgCron: string;
  /** IANA time zone of the five-field expression. */
  readonly timeZone: string;
  /** The schedule in words. */
  readonly description: string;
  /** Whether the schedule was derived from the objective rather than given. */
  readonly derived: boolean;
  /** Longest time between two runs, as the CronJob controller counts them. */
  readonly longestGap: number;
  /** Shortest time between two runs. */
  readonly shortestGap: number;
  /** How late a run may start: `startingDeadlineSeconds`. */
  readonly startDelay: number;
  /** Time after which a run is killed: `activeDeadlineSeconds`; the longest time from capture to commit. */
  readonly deadline: number;
  /** Consecutive failed runs that the worst case includes. */
  readonly toleratedFailedRuns: number;
  /** Longest gap + start delay + deadline + tolerated failed runs x longest gap. */
  readonly worstCaseLoss: number;
}

/** How a recovery time came about. */
export interface RestoreEstimate {
  /** Seconds from the failure to a validated restore. */
  readonly total: number;
  /** The parts in the order they happen. */
  readonly parts: RestorePart[];
  /** Whether a drill has measured it. */
  readonly measured: boolean;
}

/** One part of a restore. */
export interface RestorePart {
  /** What happens, e.g. `fetch`. */
  readonly name: string;
  /** Seconds. */
  readonly seconds: number;
}

/** One line of the plan table: a protection of an asset, and what it guarantees. */
export interface ProtectionSummary {
  /** Kind of protection, e.g. `WAL archive`. */
  readonly protection: string;
  /** Path of its setting in the config. */
  readonly path: string;
  /** When it runs, in words. */
  readonly schedule: string;
  /** Seconds of work that can be lost at worst when recovering from it. */
  readonly worstCaseLoss: number;
  /** The nearest setting that would meet the asset's RPO, for findings. */
  readonly nearest: string;
  /** The time a recovery from it takes. */
  readonly restore: RestoreEstimate;
  /** How long its copies are kept, in words. */
  readonly retention: string;
}

/** An asset, its objective, and the protections that must meet it. */
export interface AssetSummary {
  /** Kind and name, e.g. `database nextgen-postgres`. */
  readonly asset: string;
  /** Path of the asset in the config. */
  readonly path: string;
  /** Objective: seconds of work that may be lost. */
  readonly rpo: number;
  /** Objective: seconds a recovery may take. */
  readonly rto: number;
  /** The protections, strongest first. */
  readonly protections: ProtectionSummary[];
}

/** The resolved plan of a database: every name, number and prefix that its manifests share. */
export interface DatabasePlan {
  /** Name of the Cluster. */
  readonly name: string;
  /** Namespace of all its objects. */
  readonly namespace: string;
  /** Database and owner of the application. */
  readonly database: string;
  /** Owner role. */
  readonly owner: string;
  /** PostgreSQL major version. */
  readonly majorVersion: number;
  /** Expected data size in bytes. */
  readonly sizeBytes: number;
  /** First part of every key. */
  readonly path: string;
  /** The Cluster. */
  readonly cluster: ClusterPlan;
  /** The WAL archive and its base backups. */
  readonly archive: ArchivePlan;
  /** Volume snapshots, where configured. */
  readonly snapshots?: DatabaseSnapshotPlan;
  /** Dumps, where configured. */
  readonly dumps?: DumpPlan;
}

/** The Cluster of a database. */
export interface ClusterPlan {
  readonly instances: number;
  readonly image: ImageRef;
  readonly storageBytes: number;
  readonly walStorageBytes: number;
  readonly storageClass?: string;
  readonly synchronousStandbys: number;
  readonly parameters: Record<string, string>;
  readonly requireSeparateNodes: boolean;
  readonly cpuRequest: string;
  readonly memory: string;
}

/** The WAL archive and the base backups in it. */
export interface ArchivePlan {
  /** Name of the ObjectStore. */
  readonly objectStoreName: string;
  /** Folder below the path that this generation of the Cluster archives to. */
  readonly serverName: string;
  /** Folders of earlier generations, whose archives stay until somebody removes them. */
  readonly earlierServerNames: string[];
  /** Folder of the next generation, which a recovered Cluster archives to: an archive must be empty when a Cluster starts. */
  readonly nextServerName: string;
  /** PostgreSQL's archive_timeout in seconds. */
  readonly archiveTimeout: number;
  /** Seconds that a segment may need to reach the store. */
  readonly uploadAllowance: number;
  /** Seconds of work that can be lost at worst. */
  readonly worstCaseLoss: number;
  /** WAL bytes written per second. */
  readonly changeRate: number;
  readonly walCompression: string;
  readonly maxParallel: number;
  /** Recovery window in days. */
  readonly retentionDays: number;
  /** Name of the ScheduledBackup. */
  readonly baseBackupName: string;
  /** When base backups run. */
  readonly baseBackups: ScheduledRun;
}

/** Snapshots of a Cluster's volumes. */
export interface DatabaseSnapshotPlan {
  /** Name of the ScheduledBackup. */
  readonly name: string;
  readonly className: string;
  readonly run: ScheduledRun;
}

/** Dumps of a database. */
export interface DumpPlan {
  readonly username: string;
  readonly secretName: string;
  readonly serviceAccountName: string;
  readonly image: ImageRef;
  readonly parallelJobs: number;
  /** What `pg_dump --compress` is given. */
  readonly compression: string;
  /** Bytes of workspace that a dump needs. */
  readonly workspaceBytes: number;
  readonly workspaceStorageClass?: string;
  readonly tiers: DumpTierPlan[];
  readonly verification: VerificationPlan;
  readonly prune: PrunePlan;
}

/** One series of dumps. */
export interface DumpTierPlan {
  readonly name: string;
  /** Position in the config. */
  readonly index: number;
  readonly jobName: string;
  /** Key prefix below the store: `<path>/<tier>`. */
  readonly prefix: string;
  readonly run: ScheduledRun;
  /** Seconds that a dump is kept. */
  readonly keepSeconds: number;
  /** Newest committed dumps that are kept whatever their age. */
  readonly keepAtLeast: number;
}

/** The restore of the newest dump into a throw-away server. */
export interface VerificationPlan {
  readonly jobName: string;
  readonly run: ScheduledRun;
  readonly checks: ValidationCheck[];
  readonly corruptionCheck: boolean;
  /** Bytes of workspace: the sealed dump, the dump, and the restored server. */
  readonly workspaceBytes: number;
  /** Key prefix of the reports. */
  readonly reportPrefix: string;
}

/** Removal of expired runs. */
export interface PrunePlan {
  readonly jobName: string;
  readonly run: ScheduledRun;
  /** Seconds after which an uncommitted upload is litter. */
  readonly abandonedAfter: number;
}

/** The resolved plan of the export of cluster objects. */
export interface ConfigurationPlan {
  /** Namespace of its jobs. */
  readonly namespace: string;
  readonly jobName: string;
  readonly serviceAccountName: string;
  /** What is exported, each into `<name>.json` before sealing; `*.<group>` into one file per kind of the group. */
  readonly resources: ApiResource[];
  /** Namespaces that are exported; empty for all, and cluster-scoped objects. */
  readonly exportedNamespaces: readonly string[];
  /** Tier in the commit marker. */
  readonly tier: string;
  /** Key prefix below the store: `<path>/<tier>`. */
  readonly prefix: string;
  readonly run: ScheduledRun;
  /** Seconds that an export is kept. */
  readonly keepSeconds: number;
  /** Newest committed exports that are kept whatever their age. */
  readonly keepAtLeast: number;
  /** Bytes of workspace. */
  readonly workspaceBytes: number;
  readonly prune: PrunePlan;
}

/** How jobs reach their peers. */
export interface NetworkPlan {
  readonly policies: boolean;
  readonly storeCidrs: readonly string[];
  readonly storePort: number;
  readonly apiServerCidrs: readonly string[];
  readonly apiServerPorts: readonly number[];
}

/** The resolved plan of a site; frozen, and the only input of constructs, report, runbook and restore. */
export interface RecoveryPlan {
  /** Version of this shape. */
  readonly version: 1;
  readonly site: string;
  readonly namespace: string;
  readonly storage: ObjectStorage;
  readonly encryption: Encryption;
  readonly rcloneImage: ImageRef;
  readonly kubectlImage: ImageRef;
  /** Image that seals where the asset's own has no gpg. */
  readonly toolsImage: ImageRef;
  readonly argoCd: boolean;
  readonly network: NetworkPlan;
  readonly databases: DatabasePlan[];
  readonly volumes: VolumePlan[];
  readonly snapshotClasses: SnapshotClassPlan[];
  readonly oneOffSnapshots: OneOffSnapshotPlan[];
  /** etcd's snapshots, where configured. */
  readonly etcd?: EtcdPlan;
  /** Export of cluster objects, where configured. */
  readonly configuration?: ConfigurationPlan;
  /** What the store itself removes or moves, where configured. */
  readonly lifecycle?: LifecyclePlan;
  /** Rehearsed restores. */
  readonly drills: DrillsPlan;
  /** What is watched and how, where configured. */
  readonly monitoring?: MonitoringPlan;
  /** The second copy, where configured. */
  readonly replication?: ReplicationPlan;
  /** Where the runbook is found. */
  readonly runbook: RunbookPlan;
  /** Every asset with its objective and protections, for report and runbook. */
  readonly assets: AssetSummary[];
  /** Warnings; a plan with errors is never made. */
  readonly findings: Finding[];
  /** What must exist in the cluster before the manifests are applied. */
  readonly externalReferences: ExternalReference[];
}
