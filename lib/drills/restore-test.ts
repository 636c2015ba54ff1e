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
  RestoreTestConfig,
} from '../config';
import { postgresTools } from '../config';
import { checkData, DATABASE_SCRIPTS, JobSteps } from '../database';
import { RunSteps } from '../k8s';
import type { RecoveryPlan, RestoreTestPlan } from '../plan';
import { planRecovery } from '../plan';
import { addDrillJob } from './drill-job';

/** A database with dumps and how their restore is rehearsed, for use in a chart of your own. */
export interface RestoreTestProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the database, unless it names another. */
  readonly namespace: string;
  /** The database, as it is protected elsewhere. */
  readonly database: DatabaseConfig;
  /** Where its dumps are stored. */
  readonly storage: ObjectStorage;
  /** How its dumps are sealed. */
  readonly encryption: Encryption;
  /**
   * The rehearsal.
   * @default - a random dump, monthly
   */
  readonly restoreTest?: RestoreTestConfig;
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
   * Where it tells what it found; a `Monitoring` construct generates what hears it.
   * @default - it stores its report, and tells nobody
   */
  readonly monitoring?: MonitoringConfig;
  /**
   * Inputs of the estimates.
   * @default - see `lib/config/defaults.ts`
   */
  readonly assumptions?: AssumptionsConfig;
}

/**
 * A CronJob that restores a dump in full into a PostgreSQL in its own pod, checks it, and stores a report with the measured time.
 * Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class RestoreTest extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: RestoreTestProps) {
    super(scope, id);
    const { database, restoreTest, ...site } = props;
    this.plan = planRecovery({ ...site, databases: [database], drills: { restoreTest: restoreTest ?? {} } });
    for (const planned of this.plan.drills.restoreTests) {
      renderRestoreTest(this, this.plan, planned);
    }
  }
}

/** Adds every object of a planned restore test to a scope. */
export function renderRestoreTest(scope: Construct, site: RecoveryPlan, plan: RestoreTestPlan): void {
  const database = site.databases.find(({ name, namespace }) => name === plan.database && namespace === plan.namespace);
  if (database?.dumps === undefined) {
    throw new Error(`the plan restores dumps of ${plan.asset}, which has none`);
  }
  const { dumps, majorVersion } = database;
  const checksName = `${plan.jobName}-checks`;
  addDrillJob(scope, {
    site,
    plan,
    scripts: DATABASE_SCRIPTS,
    steps: new JobSteps(site, database, dumps).restoreIntoPod(checksName, plan, plan.selection),
    shared: new RunSteps({ ...site, toolsImage: postgresTools(majorVersion, dumps.image) }),
    configMaps: [{ id: 'Checks', name: checksName, component: 'drill', data: checkData(plan.checks) }],
    ...(dumps.workspaceStorageClass === undefined
      ? {}
      : { job: { workspaceStorageClass: dumps.workspaceStorageClass } }),
  });
}
