import { join } from 'node:path';
import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  DatabaseConfig,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
  RecoveryDrillConfig,
} from '../config';
import { Encryption, KUBECTL_IMAGE, postgresTools } from '../config';
import { CHECK_SCRIPTS, checkData, DatabaseObjectStore, POSTGRES_PORT } from '../database';
import type { ApiAccess, ObjectDefaults, Step, StepResources } from '../k8s';
import { API_SCRIPTS, RunSteps } from '../k8s';
import type { DatabasePlan, RecoveryDrillPlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { recoveredCluster } from '../recovery';
import { addDrillJob } from './drill-job';

const TEMPLATE_PATH = '/template';
const CHECKS_PATH = '/checks';
const CLUSTERS = 'clusters';

const API_RESOURCES: StepResources = { cpuRequest: '50m', cpuLimit: '1', memoryRequest: '64Mi', memoryLimit: '256Mi' };
const CHECK_RESOURCES: StepResources = {
  cpuRequest: '100m',
  cpuLimit: '2',
  memoryRequest: '128Mi',
  memoryLimit: '512Mi',
};

/** Scripts of the drill, beside those of every drill. */
export const RECOVERY_DRILL_SCRIPTS: readonly string[] = [
  'drill-cluster.sh',
  'recover-cluster.sh',
  'remove-cluster.sh',
  'validate-cluster.sh',
].map((name) => join(__dirname, 'scripts', name));

/** A database and how its recovery is rehearsed, for use in a chart of your own. */
export interface RecoveryDrillProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the database, unless it names another. */
  readonly namespace: string;
  /** The database, as it is protected elsewhere. */
  readonly database: DatabaseConfig;
  /** Where its archive is. */
  readonly storage: ObjectStorage;
  /**
   * The rehearsal.
   * @default - weekly, in namespace `<namespace>-drill`
   */
  readonly drill?: RecoveryDrillConfig;
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
 * A CronJob that recovers a database from its archive into a temporary Cluster, checks it, removes it, and stores a report with the measured
 * time. Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class RecoveryDrill extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: RecoveryDrillProps) {
    super(scope, id);
    const { database, drill, ...site } = props;
    const drills = { recovery: drill ?? {} };
    // It opens nothing that is sealed: an archive is not, and reports are plain.
    this.plan = planRecovery({ ...site, encryption: Encryption.none(), databases: [database], drills });
    for (const planned of this.plan.drills.recoveries) {
      renderRecoveryDrill(this, this.plan, planned);
    }
  }
}

/** Adds every object of a planned drill of recovery to a scope. */
export function renderRecoveryDrill(scope: Construct, site: RecoveryPlan, plan: RecoveryDrillPlan): void {
  const database = site.databases.find(
    ({ name, namespace }) => name === plan.database && namespace === plan.databaseNamespace,
  );
  if (database === undefined) {
    throw new Error(`the plan recovers ${plan.asset}, which is not protected`);
  }
  const defaults: ObjectDefaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  new DatabaseObjectStore(scope, 'Archive', { defaults, plan: database, storage: site.storage, readOnly: true });
  const checksName = `${plan.jobName}-checks`;
  const templateName = `${plan.jobName}-template`;
  const { majorVersion, dumps } = database;
  const toolsImage = postgresTools(majorVersion, dumps?.image);
  addDrillJob(scope, {
    site,
    plan,
    scripts: [...API_SCRIPTS, ...CHECK_SCRIPTS, ...RECOVERY_DRILL_SCRIPTS],
    shared: new RunSteps({ ...site, toolsImage }),
    configMaps: [
      { id: 'Checks', name: checksName, component: 'drill', data: checkData(plan.checks) },
      {
        id: 'Template',
        name: templateName,
        component: 'drill',
        data: { 'cluster.json': `${JSON.stringify(temporaryCluster(site, database, plan), undefined, 2)}\n` },
      },
    ],
    steps: [
      {
        ...apiStep(site, plan, 'recover', 'recover-cluster.sh', [
          { name: 'CLUSTER_TEMPLATE', value: `${TEMPLATE_PATH}/cluster.json` },
          { name: 'SOURCE', value: `${database.path}/${database.archive.serverName}` },
          { name: 'UP_TO_SECONDS', value: plan.upTo === undefined ? '' : String(plan.upTo) },
        ]),
        podFields: {
          JOB_NAME: "metadata.labels['batch.kubernetes.io/job-name']",
          JOB_UID: "metadata.labels['batch.kubernetes.io/controller-uid']",
        },
        configMaps: { [TEMPLATE_PATH]: templateName },
      },
      {
        name: 'validate',
        image: toolsImage,
        script: 'validate-cluster.sh',
        environment: [
          ...connection(plan, database),
          { name: 'VERIFY_JOBS', value: String(dumps?.parallelJobs ?? 2) },
          { name: 'CHECKS_DIR', value: CHECKS_PATH },
          { name: 'CORRUPTION_CHECK', value: String(plan.corruptionCheck) },
          { name: 'BEHIND_SECONDS', value: String(plan.behind) },
        ],
        files: [],
        resources: CHECK_RESOURCES,
        configMaps: { [CHECKS_PATH]: checksName },
      },
    ],
    cleanUp: apiStep(site, plan, 'remove', 'remove-cluster.sh', []),
    job: {
      ownsObjects: true,
      apiAccess: accessOf(plan),
      database: { labels: { 'cnpg.io/cluster': plan.clusterName }, port: POSTGRES_PORT },
    },
  });
}

/** One instance that archives nothing; the superuser is let in, since the corruption check and the checks read everything. */
function temporaryCluster(site: RecoveryPlan, database: DatabasePlan, plan: RecoveryDrillPlan): object {
  const { storageClass: _, ...cluster } = database.cluster;
  const moved: DatabasePlan = {
    ...database,
    namespace: plan.namespace,
    cluster: plan.storageClass === undefined ? cluster : { ...cluster, storageClass: plan.storageClass },
  };
  const [manifest] = recoveredCluster(site, moved, { name: plan.clusterName, target: {}, readOnly: true });
  const { spec, ...rest } = manifest as { readonly spec: object };
  return { ...rest, spec: { ...spec, enableSuperuserAccess: true } };
}

function apiStep(
  site: RecoveryPlan,
  { namespace, clusterName }: RecoveryDrillPlan,
  name: string,
  script: string,
  environment: Step['environment'],
): Step {
  return {
    name,
    image: { ...KUBECTL_IMAGE, image: site.kubectlImage },
    script,
    environment: [{ name: 'NAMESPACE', value: namespace }, { name: 'CLUSTER', value: clusterName }, ...environment],
    files: [],
    resources: API_RESOURCES,
    apiToken: true,
  };
}

/** CloudNativePG makes the Secrets `<cluster>-superuser` and `<cluster>-ca` with the Cluster, before the step that reads them starts. */
function connection({ namespace, clusterName }: RecoveryDrillPlan, { database }: DatabasePlan): Step['environment'] {
  const superuser = `${clusterName}-superuser`;
  return [
    { name: 'PGHOST', value: `${clusterName}-rw.${namespace}.svc.cluster.local` },
    { name: 'PGPORT', value: String(POSTGRES_PORT) },
    { name: 'PGDATABASE', value: database },
    { name: 'PGUSER', secret: { secretName: superuser, key: 'username' } },
    { name: 'PGPASSWORD', secret: { secretName: superuser, key: 'password' } },
    { name: 'PGSSLMODE', value: 'verify-full' },
    { name: 'SERVER_CA', secret: { secretName: `${clusterName}-ca`, key: 'ca.crt' } },
    { name: 'PGCONNECT_TIMEOUT', value: '30' },
  ];
}

/** It may create Clusters in a namespace where no other is, and read and delete its own only. */
function accessOf({ namespace, clusterName }: RecoveryDrillPlan): ApiAccess {
  const apiGroups = ['postgresql.cnpg.io'];
  return {
    namespaces: [namespace],
    rules: [
      { apiGroups, resources: [CLUSTERS], verbs: ['create'] },
      { apiGroups, resources: [CLUSTERS], verbs: ['get', 'delete'], resourceNames: [clusterName] },
      { apiGroups: [''], resources: ['pods', 'persistentvolumeclaims'], verbs: ['list'] },
    ],
  };
}
