import { Construct } from 'constructs';
import { ETCD_IMAGE } from '../config';
import { FamilyJobs, pruneJob } from '../k8s';
import type { EtcdPlan, RecoveryPlan } from '../plan';
import { ETCD_SCRIPTS, EtcdSteps } from './etcd-steps';

/** The scheduled snapshots of etcd, and what removes old ones. */
export interface SnapshotJobsProps {
  readonly site: RecoveryPlan;
  readonly plan: EtcdPlan;
}

/** Name of the ConfigMap that jobs and stream share. */
export function scriptsNameOf(plan: EtcdPlan): string {
  return `${plan.jobName}-scripts`;
}

/** Snapshot and prune CronJobs, their ServiceAccounts and scripts, and a network policy for the one that is not in the node's network. */
export class SnapshotJobs extends Construct {
  public constructor(scope: Construct, id: string, props: SnapshotJobsProps) {
    super(scope, id);
    const { site, plan } = props;
    const steps = new EtcdSteps(site, plan);
    new FamilyJobs(this, 'Jobs', {
      defaults: { site: site.site, namespace: plan.namespace, argoCd: site.argoCd },
      site,
      scriptsName: scriptsNameOf(plan),
      scripts: ETCD_SCRIPTS,
      uid: steps.uid,
      jobs: [
        {
          id: 'Snapshot',
          name: plan.jobName,
          component: 'etcd-snapshot',
          run: plan.run,
          serviceAccountName: plan.serviceAccountName,
          steps: steps.scheduled(),
          workspaceBytes: plan.workspaceBytes,
          controlPlane: true,
          // The keys are root's, and so is what etcdctl writes; without capabilities root reads nobody else's files.
          uid: ETCD_IMAGE.uid,
        },
        pruneJob(plan.prune, steps.prune()),
      ],
    });
  }
}
