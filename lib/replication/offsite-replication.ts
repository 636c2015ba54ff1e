import { Construct } from 'constructs';
import type { DisasterRecoveryConfig, ReplicationConfig } from '../config';
import { RCLONE_IMAGE } from '../config';
import { FamilyJobs } from '../k8s';
import { renderLifecycle } from '../lifecycle';
import type { RecoveryPlan, ReplicationPlan } from '../plan';
import { planRecovery } from '../plan';
import { REPLICATION_SCRIPTS, replicationStep } from './replication-step';

/** Lists of both stores, and the markers of what is new: a quarter of a million objects. */
const WORKSPACE = 1024 ** 3;

/** What is written to a store, and where its second copy goes, for use in a chart of your own. */
export interface OffsiteReplicationProps {
  /** The config of the site: what is copied follows from everything in it. */
  readonly config: DisasterRecoveryConfig;
  /** Where the second copy goes, and when. */
  readonly replication: ReplicationConfig;
}

/**
 * A scheduled copy of everything committed to a second store, proven there, of which nothing is ever deleted or overwritten.
 * Throws `DisasterRecoveryError` when the config has problems, or the second store cannot be what it is for.
 */
export class OffsiteReplication extends Construct {
  /** What was planned: lag, losses, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: OffsiteReplicationProps) {
    super(scope, id);
    const { config, replication } = props;
    this.plan = planRecovery({ ...config, replication });
    if (this.plan.replication !== undefined) {
      renderReplication(this, this.plan, this.plan.replication);
    }
  }
}

/** Adds every object of a planned replication to a scope. */
export function renderReplication(scope: Construct, site: RecoveryPlan, plan: ReplicationPlan): void {
  const { namespace, jobName, serviceAccountName, run, target, targetCidrs, targetPort, lifecycle } = plan;
  new FamilyJobs(scope, 'Jobs', {
    defaults: { site: site.site, namespace, argoCd: site.argoCd },
    site,
    scriptsName: `${jobName}-scripts`,
    scripts: REPLICATION_SCRIPTS,
    uid: RCLONE_IMAGE.uid,
    secondStore: { storage: target, cidrs: targetCidrs, port: targetPort },
    jobs: [
      {
        id: 'Replicate',
        name: jobName,
        component: 'replication',
        run,
        serviceAccountName,
        steps: [replicationStep(site, plan)],
        workspaceBytes: WORKSPACE,
      },
    ],
  });
  if (lifecycle !== undefined) {
    renderLifecycle(new Construct(scope, 'Lifecycle'), site, lifecycle, target);
  }
}
