import { formatSeconds, LifecycleMode } from '../../config';
import type { LifecycleDialect } from '../../storage';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import type { LifecyclePlan, PlannedLifecycleRule, WrittenPrefix } from '../lifecycle-plan';
import { daysOf } from '../plan-lifecycle';
import type { AssetSummary } from '../recovery-plan';
import { neededFor } from '../written-prefixes';

/** The rules of a site, as every check below sees them. */
export interface LifecycleUnderCheck {
  readonly plan: LifecyclePlan;
  readonly dialect: LifecycleDialect;
  /** Objectives and restore estimates. */
  readonly assets: readonly AssetSummary[];
}

/** What a rule applies to. */
export function writtenBelow(rule: PlannedLifecycleRule, plan: LifecyclePlan): WrittenPrefix[] {
  return plan.written.filter(({ prefix }) => prefix.startsWith(rule.prefix));
}

/** A rule below which nothing is written protects nobody from anything, and mostly is a typing mistake. */
export function checkRulesMatch({ plan }: LifecycleUnderCheck): Finding[] {
  return plan.rules
    .filter((rule) => rule.writtenBy === undefined && writtenBelow(rule, plan).length === 0)
    .map((rule) => ({
      ...error('rule-matches-nothing', `${rule.path}.prefix`),
      actual: rule.prefix,
      limit: 'a prefix that something writes',
      message: `rule ${rule.name} matches nothing: no job writes below ${rule.prefix}`,
      fix: `use one of ${[...new Set(plan.written.map(({ prefix }) => prefix))].join(', ')}, or leave the rule out; of what others write say writtenBy`,
    }));
}

/** What no rule covers keeps its old versions and unfinished uploads for ever. */
export function checkCoverage({ plan }: LifecycleUnderCheck): Finding[] {
  return plan.written
    .filter(({ prefix }) => !plan.rules.some((rule) => prefix.startsWith(rule.prefix)))
    .map(({ asset, prefix, content, rulePrefix }) => ({
      ...error('prefix-without-rule', 'lifecycle.rules', asset),
      actual: 'no rule',
      limit: `a rule for ${prefix}`,
      message: `${content} are written below ${prefix}, which no rule covers`,
      fix: `add a rule with prefix ${rulePrefix}, or leave generate out`,
    }));
}

/** A rule must not delete what a recovery may still need. */
export function checkDeletions({ plan }: LifecycleUnderCheck): Finding[] {
  return plan.rules.flatMap((rule) => {
    const { deleteAfterDays } = rule;
    if (deleteAfterDays === undefined) {
      return [];
    }
    const below = writtenBelow(rule, plan);
    const archive = below.find(({ expiresByAge }) => !expiresByAge);
    if (archive !== undefined) {
      return [
        {
          ...error('deletes-too-early', pathOf(rule, 'deleteAfter'), archive.asset),
          actual: `${deleteAfterDays}d`,
          limit: 'never',
          message: `rule ${rule.name} deletes ${archive.content} by age, but a recovery may need an object of any age: the newest base backup when later ones failed, and the history of the timeline`,
          fix: `leave deleteAfter out: ${archive.removedBy} removes what the recovery window of ${formatSeconds(archive.retention)} no longer needs`,
        },
      ];
    }
    const needed = Math.max(0, ...below.map((written) => daysOf(neededFor(written))));
    const [strictest] = [...below].sort((a, b) => neededFor(b) - neededFor(a));
    if (strictest === undefined || deleteAfterDays >= needed) {
      return [];
    }
    return [
      {
        ...error('deletes-too-early', pathOf(rule, 'deleteAfter'), strictest.asset),
        actual: `${deleteAfterDays}d`,
        limit: `at least ${needed}d`,
        message: `rule ${rule.name} deletes ${strictest.content} after ${deleteAfterDays}d, but they must live for ${formatSeconds(neededFor(strictest))}`,
        fix: `use Duration.days(${needed}) or more, or leave deleteAfter out`,
      },
    ];
  });
}

/** Providers limit the rules of a policy. */
export function checkRuleCount({ plan, dialect }: LifecycleUnderCheck): Finding[] {
  const count = dialect.rules(plan.rules).length;
  if (count <= dialect.mostRules) {
    return [];
  }
  return [
    {
      ...error('rules-too-many', 'lifecycle'),
      actual: String(count),
      limit: String(dialect.mostRules),
      message: `the policy of ${dialect.scope} would have ${count} rules; ${dialect.mostRules} are allowed`,
      fix: 'spread the databases over more than one storage, or give rules with shorter prefixes and generate: false',
    },
  ];
}

/** A rule keeps no newest copies: when backups stop, it goes on deleting. */
export function checkLastCopies({ plan }: LifecycleUnderCheck): Finding[] {
  if (plan.mode !== LifecycleMode.ENFORCE) {
    return [];
  }
  return plan.rules.flatMap((rule) => {
    const [first] = writtenBelow(rule, plan).filter(({ keepAtLeast }) => keepAtLeast > 0);
    if (first === undefined || rule.deleteAfterDays === undefined) {
      return [];
    }
    return [
      {
        ...error('last-copy-expires', 'lifecycle.mode', first.asset),
        severity: Severity.WARNING,
        actual: `${rule.deleteAfterDays}d`,
        limit: `the newest ${first.keepAtLeast} stay`,
        message: `when ${first.content} stop, the last good one is deleted ${rule.deleteAfterDays} days later`,
        fix: 'use LifecycleMode.BACKSTOP where jobs may delete, or alert on missing backups well before',
      },
    ];
  });
}

/** Whoever sees a ConfigMap in a cluster may believe that it does something. */
export function checkApplied({ plan, dialect }: LifecycleUnderCheck): Finding[] {
  if (plan.azureServiceOperator !== undefined) {
    return [];
  }
  return [
    {
      ...error('lifecycle-not-applied', 'lifecycle'),
      severity: Severity.WARNING,
      actual: `ConfigMap ${plan.namespace}/${plan.name}`,
      limit: `the policy of ${dialect.scope}`,
      message: `the ConfigMap applies nothing by itself: until somebody applies lifecycle.json, ${dialect.scope} keeps the rules it has`,
      fix: 'run the commands of its key apply.md after every change; they replace ALL rules that are in force',
    },
  ];
}

/** The setting that a rule's days come from. */
export function pathOf(rule: PlannedLifecycleRule, field: string): string {
  return rule.given ? `${rule.path}.${field}` : rule.path;
}

/** What findings about rules have in common. */
export function error(
  rule: string,
  path: string,
  asset: string = 'lifecycle',
): Pick<Finding, 'rule' | 'severity' | 'asset' | 'path'> {
  return { rule, severity: Severity.ERROR, asset, path };
}
