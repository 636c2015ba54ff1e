import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  DatabaseConfig,
  Encryption,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
} from '../config';
import type { DatabasePlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { DumpJobs } from './dump-jobs';
import { DatabaseObjectStore } from './object-store';
import { PostgresCluster } from './postgres-cluster';
import { ScheduledBackups } from './scheduled-backups';

/** One database and where its backups go, for use in a chart of your own. */
export interface PostgresProtectionProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the database, unless it names its own. */
  readonly namespace: string;
  /** The database and its protections. */
  readonly database: DatabaseConfig;
  /** Where backups are stored. */
  readonly storage: ObjectStorage;
  /** How dumps are sealed. */
  readonly encryption: Encryption;
  /**
   * Images of the job steps.
   * @default - the tested images
   */
  readonly images?: ImagesConfig;
  /**
   * What Argo CD may do.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
  /**
   * How jobs reach their peers.
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere
   */
  readonly network?: NetworkConfig;
  /**
   * Where its runs report; a `Monitoring` construct generates what takes the reports.
   * @default - runs report nothing
   */
  readonly monitoring?: MonitoringConfig;
  /**
   * Inputs of the estimates.
   * @default - see `lib/config/defaults.ts`
   */
  readonly assumptions?: AssumptionsConfig;
}

/**
 * A PostgreSQL database under CloudNativePG with its archive, base backups, snapshots, dumps and their verification.
 * Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class PostgresProtection extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: PostgresProtectionProps) {
    super(scope, id);
    const { database, ...site } = props;
    this.plan = planRecovery({ ...site, databases: [database] });
    for (const planned of this.plan.databases) {
      renderDatabase(this, this.plan, planned);
    }
  }
}

/** Adds every object of a planned database to a scope. */
export function renderDatabase(scope: Construct, site: RecoveryPlan, plan: DatabasePlan): void {
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  new DatabaseObjectStore(scope, 'ObjectStore', { defaults, plan, storage: site.storage });
  new PostgresCluster(scope, 'Cluster', { defaults, plan, storage: site.storage });
  new ScheduledBackups(scope, 'Backups', { defaults, plan });
  if (plan.dumps !== undefined) {
    new DumpJobs(scope, 'Dumps', { defaults, site, plan, dumps: plan.dumps });
  }
}
