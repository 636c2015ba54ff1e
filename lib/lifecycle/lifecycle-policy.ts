import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { DisasterRecoveryConfig, ObjectStorage } from '../config';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { LifecyclePlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { dialectOf } from '../storage';
import { applyGuide } from './apply-guide';
import { addManagementPolicy } from './management-policy';

/** Everything that writes to a store, for its lifecycle rules in a chart of your own. */
export interface LifecyclePolicyProps {
  /** The config of the site: rules follow from the retention of everything in it. */
  readonly config: DisasterRecoveryConfig;
}

/**
 * The lifecycle rules of a store: a ConfigMap, which applies nothing by itself, and the object of Azure Service Operator where configured.
 * Throws `DisasterRecoveryError` when the config has problems, or a rule does not fit what is written.
 */
export class LifecyclePolicy extends Construct {
  /** What was planned: rules, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: LifecyclePolicyProps) {
    super(scope, id);
    const { config } = props;
    this.plan = planRecovery({ ...config, lifecycle: config.lifecycle ?? {} });
    if (this.plan.lifecycle !== undefined) {
      renderLifecycle(this, this.plan, this.plan.lifecycle);
    }
  }
}

/** Adds every object of planned lifecycle rules, of the first store unless another is given, to a scope. */
export function renderLifecycle(
  scope: Construct,
  site: RecoveryPlan,
  plan: LifecyclePlan,
  storage: ObjectStorage = site.storage,
): void {
  const dialect = dialectOf(storage).lifecycle;
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  const policy = dialect.policy(plan.rules);
  const metadata = {
    name: plan.name,
    namespace: plan.namespace,
    labels: labelsFor(defaults, plan.name, 'lifecycle'),
    annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
  };
  new k8s.KubeConfigMap(scope, 'Rules', {
    metadata,
    data: { 'apply.md': applyGuide(plan, dialect), 'lifecycle.json': `${JSON.stringify(policy, null, 2)}\n` },
  });
  if (plan.azureServiceOperator !== undefined) {
    addManagementPolicy(scope, 'Policy', { ...metadata, operator: plan.azureServiceOperator, policy });
  }
}
