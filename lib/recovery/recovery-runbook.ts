import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { DisasterRecoveryConfig } from '../config';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { RecoveryPlan } from '../plan';
import { planDocument, planRecovery } from '../plan';
import { runbookOf } from './runbook';

/** Everything that is protected, for its runbook in a chart of your own. */
export interface RecoveryRunbookProps {
  /** The config of the site. */
  readonly config: DisasterRecoveryConfig;
}

/**
 * Two ConfigMaps: the runbook of a site as Markdown, and the plan that all of it is made from as JSON, from which a restore can be made
 * without the config. Throws `DisasterRecoveryError` when the config has problems or objectives that cannot be met.
 */
export class RecoveryRunbook extends Construct {
  /** What was planned. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: RecoveryRunbookProps) {
    super(scope, id);
    this.plan = planRecovery(props.config);
    renderRunbook(this, this.plan);
  }
}

/** Key of the plan in its ConfigMap. */
export const PLAN_KEY = 'plan.json';

/** Adds the runbook and the plan to a scope. */
export function renderRunbook(scope: Construct, plan: RecoveryPlan): void {
  const { name, planName, namespace } = plan.runbook;
  const defaults = { site: plan.site, namespace, argoCd: plan.argoCd };
  const configMap = (id: string, objectName: string, data: Record<string, string>): void => {
    new k8s.KubeConfigMap(scope, id, {
      metadata: {
        name: objectName,
        namespace,
        labels: labelsFor(defaults, objectName, 'recovery'),
        annotations: argoAnnotations(defaults, SyncWave.PREREQUISITE),
      },
      data,
    });
  };
  configMap('Runbook', name, { 'runbook.md': runbookOf(plan) });
  configMap('Plan', planName, { [PLAN_KEY]: planDocument(plan) });
}
