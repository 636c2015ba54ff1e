import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { FamilyJobs, pruneJob, SMALL_WORKSPACE } from '../k8s';
import type { RecoveryPlan, VolumePlan } from '../plan';
import { SnapshotSteps, VOLUME_SCRIPTS } from './snapshot-steps';

const SNAPSHOTS = 'snapshot.storage.k8s.io';

/** The snapshots of one volume asset, and what removes old ones. */
export interface SnapshotJobsProps {
  readonly site: RecoveryPlan;
  readonly plan: VolumePlan;
}

/** Snapshot and prune CronJobs; their ServiceAccounts, scripts, network policies, and the least access that each needs. */
export class SnapshotJobs extends Construct {
  public constructor(scope: Construct, id: string, props: SnapshotJobsProps) {
    super(scope, id);
    const { site, plan } = props;
    const { namespace } = plan;
    const steps = new SnapshotSteps(site, plan);
    new FamilyJobs(this, 'Jobs', {
      defaults: { site: site.site, namespace, argoCd: site.argoCd },
      site,
      scriptsName: `${plan.jobName}-scripts`,
      scripts: VOLUME_SCRIPTS,
      uid: steps.uid,
      jobs: [
        {
          id: 'Snapshot',
          name: plan.jobName,
          component: 'snapshot',
          run: plan.run,
          serviceAccountName: plan.serviceAccountName,
          steps: steps.snapshot(),
          workspaceBytes: SMALL_WORKSPACE,
          apiAccess: { rules: snapshotRules(plan), namespaces: [namespace], clusterRules: contentRules('get') },
        },
        {
          ...pruneJob(plan.prune, steps.prune()),
          apiAccess: {
            rules: [{ apiGroups: [SNAPSHOTS], resources: ['volumesnapshots'], verbs: ['list', 'get', 'delete'] }],
            namespaces: [namespace],
            clusterRules: contentRules('get', 'patch'),
          },
        },
      ],
    });
  }
}

function snapshotRules({ claims, quiesce }: VolumePlan): k8s.PolicyRule[] {
  return [
    claims.length === 0
      ? { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['list'] }
      : { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get'], resourceNames: [...claims] },
    { apiGroups: [SNAPSHOTS], resources: ['volumesnapshots'], verbs: ['list', 'create'] },
    ...(quiesce === undefined
      ? []
      : [
          { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
          // kubectl asks for a WebSocket with GET first, and with POST where that is denied (kubernetes/kubectl pkg/cmd/exec).
          { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
        ]),
  ];
}

function contentRules(...verbs: string[]): k8s.PolicyRule[] {
  return [{ apiGroups: [SNAPSHOTS], resources: ['volumesnapshotcontents'], verbs }];
}
