import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ValidationCheck } from '../config';
import type { ObjectDefaults, Step } from '../k8s';
import { argoAnnotations, JobNetworkPolicy, labelsFor, ScriptCronJob, SyncWave, scriptData } from '../k8s';
import type { DatabasePlan, DumpPlan, RecoveryPlan, ScheduledRun } from '../plan';
import { dialectOf } from '../storage';
import { DATABASE_SCRIPTS, JobSteps, POSTGRES_PORT } from './job-steps';

const COMPONENTS = { dump: 'dump', verify: 'verification', prune: 'prune' } as const;

/** Bytes of a workspace that holds lists only. */
const SMALL_WORKSPACE = 256 * 1024 ** 2;

/** The dumps of one database, with everything that proves and removes them. */
export interface DumpJobsProps {
  readonly defaults: ObjectDefaults;
  readonly site: RecoveryPlan;
  readonly plan: DatabasePlan;
  readonly dumps: DumpPlan;
}

interface Job {
  readonly id: string;
  readonly name: string;
  readonly component: string;
  readonly run: ScheduledRun;
  readonly serviceAccountName: string;
  readonly steps: Step[];
  readonly workspaceBytes: number;
  readonly reachesDatabase: boolean;
}

/** Dump CronJobs per tier, verification, prune; their ServiceAccounts, scripts and network policies. */
export class DumpJobs extends Construct {
  private readonly steps: JobSteps;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: DumpJobsProps,
  ) {
    super(scope, id);
    const { plan, dumps, site } = props;
    this.steps = new JobSteps(site, plan, dumps);
    const scriptsName = `${plan.name}-scripts`;
    const checksName = `${dumps.verification.jobName}-checks`;
    this.configMap('Scripts', scriptsName, 'scripts', scriptData(DATABASE_SCRIPTS));
    this.configMap('Checks', checksName, COMPONENTS.verify, checkData(dumps.verification.checks));
    const jobs = this.jobs(checksName);
    for (const name of new Set(jobs.map((job) => job.serviceAccountName))) {
      this.serviceAccount(name);
    }
    for (const job of jobs) {
      this.job(job, scriptsName);
    }
  }

  private jobs(checksName: string): Job[] {
    const { dumps } = this.props;
    const { verification, prune } = dumps;
    const tiers = dumps.tiers.map((tier) => ({
      id: `Dump-${tier.name}`,
      name: tier.jobName,
      component: COMPONENTS.dump,
      run: tier.run,
      serviceAccountName: dumps.serviceAccountName,
      steps: this.steps.dump(tier),
      workspaceBytes: dumps.workspaceBytes,
      reachesDatabase: true,
    }));
    return [
      ...tiers,
      {
        id: 'Verify',
        name: verification.jobName,
        component: COMPONENTS.verify,
        run: verification.run,
        serviceAccountName: verification.jobName,
        steps: this.steps.verify(checksName),
        workspaceBytes: verification.workspaceBytes,
        reachesDatabase: false,
      },
      {
        id: 'Prune',
        name: prune.jobName,
        component: COMPONENTS.prune,
        run: prune.run,
        serviceAccountName: prune.jobName,
        steps: this.steps.prune(),
        workspaceBytes: SMALL_WORKSPACE,
        reachesDatabase: false,
      },
    ];
  }

  private job(job: Job, scriptsName: string): void {
    const { defaults, site, plan, dumps } = this.props;
    const { podLabels, peers } = dialectOf(site.storage);
    const { id, name, component } = job;
    new ScriptCronJob(this, id, {
      defaults,
      name,
      component,
      run: job.run,
      serviceAccountName: job.serviceAccountName,
      scriptsName,
      steps: job.steps,
      uid: this.steps.uid,
      workspaceBytes: job.workspaceBytes,
      ...(dumps.workspaceStorageClass === undefined || component === COMPONENTS.prune
        ? {}
        : { workspaceStorageClass: dumps.workspaceStorageClass }),
      podLabels,
    });
    if (site.network.policies) {
      new JobNetworkPolicy(this, `${id}-network`, {
        defaults,
        name,
        component,
        network: site.network,
        storePeers: peers,
        ...(job.reachesDatabase ? { database: { labels: { 'cnpg.io/cluster': plan.name }, port: POSTGRES_PORT } } : {}),
      });
    }
  }

  private serviceAccount(name: string): void {
    const { defaults, site } = this.props;
    new k8s.KubeServiceAccount(this, `ServiceAccount-${name}`, {
      metadata: {
        ...this.metadata(name, 'identity'),
        annotations: {
          ...argoAnnotations(defaults, SyncWave.PREREQUISITE),
          ...dialectOf(site.storage).serviceAccountAnnotations,
        },
      },
      automountServiceAccountToken: false,
    });
  }

  private configMap(id: string, name: string, component: string, data: Record<string, string>): void {
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

/** One file per check, numbered so that reports keep the config's order. */
function checkData(checks: readonly ValidationCheck[]): Record<string, string> {
  return Object.fromEntries(
    checks.map((check, index) => {
      const number = String(index + 1).padStart(2, '0');
      const name = check.name.replace(/[^A-Za-z0-9_.-]+/g, '-');
      return [`${number}-${name}.sql`, `${check.statement.trim().replace(/;$/, '')};\n`];
    }),
  );
}
