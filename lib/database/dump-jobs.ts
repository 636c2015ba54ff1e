import { Construct } from 'constructs';
import type { FamilyJob, ObjectDefaults } from '../k8s';
import { FamilyJobs, pruneJob } from '../k8s';
import type { DatabasePlan, DumpPlan, RecoveryPlan } from '../plan';
import { checkData } from './check-data';
import { POSTGRES_PORT } from './connection';
import { DATABASE_SCRIPTS, JobSteps } from './job-steps';

const COMPONENTS = { dump: 'dump', verify: 'verification' } as const;

/** The dumps of one database, with everything that proves and removes them. */
export interface DumpJobsProps {
  readonly defaults: ObjectDefaults;
  readonly site: RecoveryPlan;
  readonly plan: DatabasePlan;
  readonly dumps: DumpPlan;
}

/** Dump CronJobs per tier, verification, prune; their ServiceAccounts, scripts and network policies. */
export class DumpJobs extends Construct {
  public constructor(scope: Construct, id: string, props: DumpJobsProps) {
    super(scope, id);
    const { defaults, site, plan, dumps } = props;
    const { checks, jobName } = dumps.verification;
    const steps = new JobSteps(site, plan, dumps);
    const checksName = `${jobName}-checks`;
    new FamilyJobs(this, 'Jobs', {
      defaults,
      site,
      scriptsName: `${plan.name}-scripts`,
      scripts: DATABASE_SCRIPTS,
      configMaps: [{ id: 'Checks', name: checksName, component: COMPONENTS.verify, data: checkData(checks) }],
      uid: steps.uid,
      jobs: [
        ...dumpJobs(plan, dumps, steps),
        verifyJob(dumps, steps, checksName),
        pruneJob(dumps.prune, steps.prune()),
      ],
    });
  }
}

function dumpJobs(plan: DatabasePlan, dumps: DumpPlan, steps: JobSteps): FamilyJob[] {
  return dumps.tiers.map((tier) => ({
    id: `Dump-${tier.name}`,
    name: tier.jobName,
    component: COMPONENTS.dump,
    run: tier.run,
    serviceAccountName: dumps.serviceAccountName,
    steps: steps.dump(tier),
    workspaceBytes: dumps.workspaceBytes,
    ...workspaceVolume(dumps),
    database: { labels: { 'cnpg.io/cluster': plan.name }, port: POSTGRES_PORT },
  }));
}

function verifyJob(dumps: DumpPlan, steps: JobSteps, checksName: string): FamilyJob {
  const { jobName, run, workspaceBytes } = dumps.verification;
  return {
    id: 'Verify',
    name: jobName,
    component: COMPONENTS.verify,
    run,
    serviceAccountName: jobName,
    steps: steps.verify(checksName),
    workspaceBytes,
    ...workspaceVolume(dumps),
  };
}

function workspaceVolume(dumps: DumpPlan): Pick<FamilyJob, 'workspaceStorageClass'> {
  return dumps.workspaceStorageClass === undefined ? {} : { workspaceStorageClass: dumps.workspaceStorageClass };
}
