import { parse } from 'yaml';
import { type Alert, planAlerts, type RecoveryPlan } from '../../../lib';
import type { Rule, RuleGroup } from '../../../lib/monitoring/rules/rule-groups';

/** How many times sooner hastened alerts fire. */
const SPEED = 10;

/** Label that tells them from the generated ones. */
export const HASTENED = { hastened: 'true' } as const;

/**
 * Copies of some generated alerts that can be waited for. This is all that is changed in them: the age that the plan allows, the pending
 * time, how often they are looked at, and a label. The originals are evaluated beside them.
 */
export function hastened(plan: RecoveryPlan, rulesText: string, chosen: (alert: Alert) => boolean): RuleGroup[] {
  const { groups } = parse(rulesText) as { readonly groups: readonly RuleGroup[] };
  const rules = groups.flatMap((group) => group.rules).filter(({ alert }) => alert !== undefined);
  const alerts = planAlerts(plan);
  if (rules.length !== alerts.length) {
    throw new Error(`${rules.length} rules are generated from ${alerts.length} alerts`);
  }
  return [
    {
      name: 'hastened',
      interval: '5s',
      rules: rules.flatMap((rule, index) => {
        const alert = alerts[index];
        return alert !== undefined && chosen(alert) ? [sooner(rule, alert)] : [];
      }),
    },
  ];
}

function sooner(rule: Rule, alert: Alert): Rule {
  const { threshold } = alert;
  const parts = rule.expr.split(`> ${threshold}`);
  if (rule.alert !== alert.name || (threshold !== undefined && parts.length !== 2)) {
    throw new Error(`the rule ${rule.alert} is not that of the alert ${alert.name}: ${rule.expr}`);
  }
  return {
    ...rule,
    expr: threshold === undefined ? rule.expr : parts.join(`> ${threshold / SPEED}`),
    for: `${Math.ceil(alert.forSeconds / SPEED)}s`,
    labels: { ...rule.labels, ...HASTENED },
  };
}
