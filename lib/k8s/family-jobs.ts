import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ObjectStorage } from '../config';
import type { PrunePlan, RecoveryPlan, ScheduledRun } from '../plan';
import type { StoreDialect } from '../storage';
import { dialectOf, Remote } from '../storage';
import type { ApiAccess } from './api-access';
import { JobRoles } from './api-access';
import type { JobNetworkPolicyProps, PodPeer, StoreEndpoint } from './job-network-policy';
import { JobNetworkPolicy } from './job-network-policy';
import type { ObjectDefaults } from './metadata';
import { argoAnnotations, labelsFor, SyncWave } from './metadata';
import { PUSH_URL } from './push-report';
import { ScriptCronJob } from './script-cron-job';
import { scriptData } from './scripts';
import type { Step } from './step';

/** Bytes of a workspace that holds lists only. */
export const SMALL_WORKSPACE = 256 * 1024 ** 2;

/** One scheduled job of a family. */
export interface FamilyJob {
  /** Id of its construct. */
  readonly id: string;
  /** Name of the CronJob. */
  readonly name: string;
  /** Component label. */
  readonly component: string;
  readonly run: ScheduledRun;
  readonly serviceAccountName: string;
  readonly steps: Step[];
  readonly workspaceBytes: number;
  /** StorageClass of an ephemeral workspace volume; the node's disk otherwise. */
  readonly workspaceStorageClass?: string;
  /** Database pods that it reaches, where it needs any. */
  readonly database?: PodPeer;
  /** Whether it runs on a control-plane node, in the node's network, which no NetworkPolicy applies to. */
  readonly controlPlane?: boolean;
  /** Numeric user and group of its steps, where it is not the family's. */
  readonly uid?: number;
  /** Pods that are started again after one failed. */
  readonly retries?: number;
  /** Whether it makes objects that it owns. */
  readonly ownsObjects?: boolean;
  /** What its ServiceAccount may do with the API server, where it needs it. */
  readonly apiAccess?: ApiAccess;
}

/** The job that removes what is expired of a family: an identity of its own, since no other job may delete. */
export function pruneJob({ jobName, run }: PrunePlan, steps: Step[]): FamilyJob {
  return {
    id: 'Prune',
    name: jobName,
    component: 'prune',
    run,
    serviceAccountName: jobName,
    steps,
    workspaceBytes: SMALL_WORKSPACE,
  };
}

/** A ConfigMap that steps mount beside the scripts. */
export interface FamilyConfigMap {
  /** Id of its construct. */
  readonly id: string;
  readonly name: string;
  /** Component label. */
  readonly component: string;
  readonly data: Record<string, string>;
}

/** A store that jobs reach beside the first. */
export interface SecondStore extends StoreEndpoint {
  readonly storage: ObjectStorage;
}

/** The jobs of one asset, and all that they share. */
export interface FamilyJobsProps {
  readonly defaults: ObjectDefaults;
  readonly site: RecoveryPlan;
  /** Name of the ConfigMap with the scripts. */
  readonly scriptsName: string;
  /** Absolute paths of the scripts. */
  readonly scripts: readonly string[];
  readonly configMaps?: FamilyConfigMap[];
  /** Numeric user and group of all steps. */
  readonly uid: number;
  readonly jobs: FamilyJob[];
  readonly secondStore?: SecondStore;
}

/** The Pushgateway, for a job one of whose steps reports to it. */
function pushPeer({ steps }: FamilyJob, { monitoring }: RecoveryPlan): Pick<JobNetworkPolicyProps, 'pushgateway'> {
  const reports = steps.some(({ environment }) => environment.some(({ name }) => name === PUSH_URL));
  return reports && monitoring !== undefined ? { pushgateway: monitoring.pushPeer } : {};
}

/** CronJobs with their scripts, and for each an identity, the access it needs, and a network policy. */
export class FamilyJobs extends Construct {
  public constructor(
    scope: Construct,
    id: string,
    private readonly props: FamilyJobsProps,
  ) {
    super(scope, id);
    const { jobs } = props;
    this.configMap({
      id: 'Scripts',
      name: props.scriptsName,
      component: 'scripts',
      data: scriptData(props.scripts),
    });
    for (const configMap of props.configMaps ?? []) {
      this.configMap(configMap);
    }
    for (const name of new Set(jobs.map((job) => job.serviceAccountName))) {
      this.serviceAccount(name);
    }
    for (const job of jobs) {
      this.job(job);
    }
  }

  private job(job: FamilyJob): void {
    const { defaults, site, scriptsName, uid, secondStore } = this.props;
    const podLabels = Object.assign({}, ...this.stores().map((store) => store.podLabels));
    const { id, name, component, serviceAccountName, apiAccess } = job;
    if (apiAccess !== undefined) {
      new JobRoles(this, `${id}-roles`, { defaults, name, serviceAccountName, access: apiAccess });
    }
    new ScriptCronJob(this, id, { uid, ...job, defaults, scriptsName, podLabels });
    // A policy that selects pods in the node's network has no effect (kubernetes.io Network Policies), and would only look like one.
    if (site.network.policies && job.controlPlane !== true) {
      new JobNetworkPolicy(this, `${id}-network`, {
        defaults,
        name,
        component,
        network: site.network,
        storePeers: this.stores().flatMap(({ peers }) => peers),
        ...(secondStore === undefined ? {} : { secondStore }),
        ...(job.database === undefined ? {} : { database: job.database }),
        apiServer: apiAccess !== undefined,
        ...pushPeer(job, site),
      });
    }
  }

  private serviceAccount(name: string): void {
    const metadata = this.metadata(name, 'identity');
    new k8s.KubeServiceAccount(this, `ServiceAccount-${name}`, {
      metadata: {
        ...metadata,
        annotations: Object.assign(
          { ...metadata.annotations },
          ...this.stores().map(({ serviceAccountAnnotations }) => serviceAccountAnnotations),
        ),
      },
      automountServiceAccountToken: false,
    });
  }

  private stores(): StoreDialect[] {
    const { site, secondStore } = this.props;
    const second = secondStore === undefined ? [] : [dialectOf(secondStore.storage, Remote.TARGET)];
    return [dialectOf(site.storage), ...second];
  }

  private configMap({ id, name, component, data }: FamilyConfigMap): void {
    new k8s.KubeConfigMap(this, id, { metadata: this.metadata(name, component), data });
  }

  private metadata(name: string, component: string): k8s.ObjectMeta {
    const { defaults } = this.props;
    return {
      name,
      namespace: defaults.namespace,
      labels: labelsFor(defaults, name, component),
      annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
    };
  }
}
