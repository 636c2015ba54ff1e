import { join } from 'node:path';
import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  DatabaseConfig,
  FailoverDrillConfig,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
} from '../config';
import { Encryption, KUBECTL_IMAGE, postgresTools } from '../config';
import { appConnection, POSTGRES_PORT, serverCa } from '../database';
import type { ApiAccess, StepResources } from '../k8s';
import { API_SCRIPTS, RunSteps } from '../k8s';
import type { FailoverDrillPlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { addDrillJob } from './drill-job';

const RESOURCES: StepResources = { cpuRequest: '50m', cpuLimit: '1', memoryRequest: '64Mi', memoryLimit: '256Mi' };

/** Scripts of the drill, beside those of every drill. */
export const FAILOVER_DRILL_SCRIPTS: readonly string[] = ['fail-over.sh', 'probe-writes.sh'].map((name) =>
  join(__dirname, 'scripts', name),
);

/** A database with standbys and how its failover is rehearsed, for use in a chart of your own. */
export interface FailoverDrillProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the database, unless it names another. */
  readonly namespace: string;
  /** The database, as it is protected elsewhere. */
  readonly database: DatabaseConfig;
  /** Where reports are stored. */
  readonly storage: ObjectStorage;
  /**
   * The rehearsal.
   * @default - quarterly
   */
  readonly drill?: FailoverDrillConfig;
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
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere, the API server on TCP 443 and 6443
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
 * A CronJob that stops the primary of a live database without notice, measures how long writes stop, and stores a report.
 * Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class FailoverDrill extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: FailoverDrillProps) {
    super(scope, id);
    const { database, drill, ...site } = props;
    const drills = { failover: drill ?? {} };
    this.plan = planRecovery({ ...site, encryption: Encryption.none(), databases: [database], drills });
    for (const planned of this.plan.drills.failovers) {
      renderFailoverDrill(this, this.plan, planned);
    }
  }
}

/** Adds every object of a planned drill of failover to a scope. */
export function renderFailoverDrill(scope: Construct, site: RecoveryPlan, plan: FailoverDrillPlan): void {
  const database = site.databases.find(({ name, namespace }) => name === plan.database && namespace === plan.namespace);
  if (database === undefined) {
    throw new Error(`the plan fails over ${plan.asset}, which is not protected`);
  }
  const toolsImage = postgresTools(database.majorVersion, database.dumps?.image);
  addDrillJob(scope, {
    site,
    plan,
    scripts: [...API_SCRIPTS, ...FAILOVER_DRILL_SCRIPTS],
    shared: new RunSteps({ ...site, toolsImage }),
    background: {
      name: 'probe',
      image: toolsImage,
      script: 'probe-writes.sh',
      environment: appConnection(database, database.database),
      files: serverCa(database),
      resources: RESOURCES,
      sidecar: true,
    },
    steps: [
      {
        name: 'failover',
        image: { ...KUBECTL_IMAGE, image: site.kubectlImage },
        script: 'fail-over.sh',
        environment: [
          { name: 'NAMESPACE', value: plan.namespace },
          { name: 'CLUSTER', value: plan.database },
          { name: 'INSTANCES', value: String(plan.instances) },
          { name: 'LIMIT_SECONDS', value: String(plan.limit) },
        ],
        files: [],
        resources: RESOURCES,
        apiToken: true,
      },
    ],
    job: {
      apiAccess: accessOf(plan),
      database: { labels: { 'cnpg.io/cluster': plan.database }, port: POSTGRES_PORT },
    },
  });
}

/** The names of instances change, so that it may delete any pod of the namespace: why nobody has this drill without asking for it. */
function accessOf({ namespace, database }: FailoverDrillPlan): ApiAccess {
  return {
    namespaces: [namespace],
    rules: [
      { apiGroups: ['postgresql.cnpg.io'], resources: ['clusters'], verbs: ['get'], resourceNames: [database] },
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    ],
  };
}
