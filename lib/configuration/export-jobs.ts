import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ApiResource } from '../config';
import { FamilyJobs, pruneJob } from '../k8s';
import type { ConfigurationPlan, RecoveryPlan } from '../plan';
import { CONFIGURATION_SCRIPTS, ExportSteps } from './export-steps';

/** The export of cluster objects, and what removes old exports. */
export interface ExportJobsProps {
  readonly site: RecoveryPlan;
  readonly plan: ConfigurationPlan;
}

/** Export and prune CronJobs; their ServiceAccounts, scripts, network policies, and the right to read what is exported. */
export class ExportJobs extends Construct {
  public constructor(scope: Construct, id: string, props: ExportJobsProps) {
    super(scope, id);
    const { site, plan } = props;
    const steps = new ExportSteps(site, plan);
    new FamilyJobs(this, 'Jobs', {
      defaults: { site: site.site, namespace: plan.namespace, argoCd: site.argoCd },
      site,
      scriptsName: `${plan.jobName}-scripts`,
      scripts: CONFIGURATION_SCRIPTS,
      uid: steps.uid,
      jobs: [
        {
          id: 'Export',
          name: plan.jobName,
          component: 'export',
          run: plan.run,
          serviceAccountName: plan.serviceAccountName,
          steps: steps.export(),
          workspaceBytes: plan.workspaceBytes,
          apiAccess: { rules: readRules(plan.resources), namespaces: plan.exportedNamespaces },
        },
        pruneJob(plan.prune, steps.prune()),
      ],
    });
  }
}

/** One rule per group, in the plan's order, that allows to read exactly the exported resources. */
function readRules(resources: readonly ApiResource[]): k8s.PolicyRule[] {
  const groups = new Map<string, string[]>();
  for (const { group, plural } of resources) {
    groups.set(group, [...(groups.get(group) ?? []), plural]);
  }
  return [...groups.keys()]
    .sort()
    .map((group) => ({ apiGroups: [group], resources: groups.get(group) ?? [], verbs: ['get', 'list'] }));
}
