import type { LifecyclePlan, PlannedLifecycleRule } from '../plan';

/** Renders lifecycle rules for the plan: what each deletes and moves, and whether anybody applies it. */
export function lifecycleTable(plan: LifecyclePlan | undefined): string[] {
  if (plan === undefined) {
    return [];
  }
  const width = Math.max(...plan.rules.map(({ prefix }) => prefix.length), 0);
  const applied =
    plan.azureServiceOperator === undefined
      ? 'a ConfigMap applies nothing: see its key apply.md'
      : 'applied by Azure Service Operator';
  return [
    '',
    `Lifecycle rules, mode ${plan.mode} (${applied})`,
    ...plan.rules.map((rule) => `  ${rule.prefix.padEnd(width)}  ${actions(rule)}`),
  ];
}

function actions(rule: PlannedLifecycleRule): string {
  const { deleteAfterDays, versionDays, moves } = rule;
  return [
    ...moves.map(({ tier, afterDays }) => `to ${tier} after ${afterDays}d`),
    deleteAfterDays === undefined ? 'never deletes current objects' : `deletes after ${deleteAfterDays}d`,
    `old versions stay ${versionDays}d`,
  ].join(', ');
}
