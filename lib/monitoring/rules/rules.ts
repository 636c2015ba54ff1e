import { Yaml } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { PrometheusRule, PrometheusRuleSpecGroupsRulesExpr } from '../../../imports/monitoring.coreos.com';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import type { MonitoringPlan, RecoveryPlan } from '../../plan';
import { ruleGroups } from './rule-groups';

/** Key of the rules file, for a Prometheus without the operator. */
export const RULES_FILE = 'backup-rules.yaml';

/** Adds recorded metrics and alerts: as an object of Prometheus Operator, or as a file for a Prometheus without it. */
export function renderRules(scope: Construct, site: RecoveryPlan, plan: MonitoringPlan): void {
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  const name = `${site.site}-backup-rules`;
  const metadata = {
    name,
    namespace: plan.namespace,
    labels: { ...labelsFor(defaults, name, 'monitoring'), ...plan.labels },
    annotations: argoAnnotations(defaults, SyncWave.JOB),
  };
  const groups = ruleGroups(site, plan);
  if (!plan.prometheusOperator) {
    new k8s.KubeConfigMap(scope, 'File', { metadata, data: { [RULES_FILE]: Yaml.stringify({ groups }) } });
    return;
  }
  new PrometheusRule(scope, 'Rule', {
    metadata,
    spec: {
      groups: groups.map((group) => ({
        ...group,
        rules: group.rules.map((rule) => ({ ...rule, expr: PrometheusRuleSpecGroupsRulesExpr.fromString(rule.expr) })),
      })),
    },
  });
}
