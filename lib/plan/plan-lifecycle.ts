import type { LifecycleConfig, LifecycleRuleConfig } from '../config';
import { DEFAULTS, folderOf, formatSeconds, LifecycleMode, secondsOf } from '../config';
import type { LifecyclePlan, PlannedLifecycleRule, WrittenPrefix } from './lifecycle-plan';
import { describeRetention, neededFor } from './written-prefixes';

const DAY = 86400;

/** The specification's name. */
const NAME = 'backup-lifecycle-policy';

/** A whole upload may take long, but not a week; where a run may take longer, the rule waits for it. */
const SHORTEST_ABORT_DAYS = 7;

/** Plans the rules: one for each prefix that is written, where the config gives none, and those of the config. */
export function planLifecycle(config: LifecycleConfig, written: WrittenPrefix[], namespace: string): LifecyclePlan {
  const given = (config.rules ?? []).flatMap((rule, index) => (rule.prefix === '' ? [] : [{ rule, index }]));
  const generated = new Map<string, PlannedLifecycleRule>();
  for (const { rulePrefix } of written) {
    const covered = written.filter((other) => other.rulePrefix === rulePrefix);
    generated.set(rulePrefix, generatedRule(rulePrefix, covered, config));
  }
  const refined = new Map(
    given.map(({ rule, index }): [string, PlannedLifecycleRule] => {
      const prefix = folderOf(rule.prefix);
      const base =
        generated.get(prefix) ??
        otherRule(
          prefix,
          written.filter((other) => other.prefix.startsWith(prefix)),
          config,
        );
      return [prefix, refine(base, rule, `lifecycle.rules[${index}]`)];
    }),
  );
  const wanted = (config.generate ?? DEFAULTS.lifecycle.generate) ? generated : new Map<string, PlannedLifecycleRule>();
  const operator = config.azureServiceOperator;
  return {
    name: NAME,
    namespace: config.namespace ?? namespace,
    mode: config.mode ?? LifecycleMode.BACKSTOP,
    rules: withUniqueNames([...new Map([...wanted, ...refined]).values()]),
    written,
    ...(operator === undefined
      ? {}
      : {
          azureServiceOperator: {
            ...operator,
            apiVersion: operator.apiVersion ?? DEFAULTS.lifecycle.azureServiceOperatorVersion,
          },
        }),
  };
}

/** Seconds that reports stay. */
export function reportsFor(config: LifecycleConfig | undefined): number {
  return secondsOf(config?.reportsFor ?? DEFAULTS.lifecycle.reportsFor);
}

/** Whole days, rounded up. */
export function daysOf(seconds: number): number {
  return Math.ceil(seconds / DAY);
}

function generatedRule(
  prefix: string,
  covered: readonly WrittenPrefix[],
  config: LifecycleConfig,
): PlannedLifecycleRule {
  const base = otherRule(prefix, covered, config);
  const [first] = covered;
  if (first === undefined || !first.expiresByAge) {
    return base;
  }
  const needed = daysOf(Math.max(...covered.map(neededFor)));
  const margin = marginOf(covered, config);
  return {
    ...base,
    deleteAfterDays: needed + margin,
    reason: margin === 0 ? base.reason : `${base.reason}; the rule is a backstop ${margin} days later`,
  };
}

/** A rule that deletes nothing that is current. */
function otherRule(prefix: string, covered: readonly WrittenPrefix[], config: LifecycleConfig): PlannedLifecycleRule {
  const uploads = covered.map((written) => daysOf(written.longestUpload) + 1);
  const ends = covered.map((written) => daysOf(neededFor(written) + written.removalDelay));
  return {
    name: prefix.slice(0, -1).replaceAll('/', '-'),
    prefix,
    versionDays: daysOf(secondsOf(config.versionsFor ?? DEFAULTS.lifecycle.versionsFor)),
    currentDays: Math.max(0, ...ends),
    abortUploadDays: Math.max(SHORTEST_ABORT_DAYS, ...uploads),
    moves: [],
    path: covered[0]?.path ?? 'lifecycle',
    given: false,
    reason: reasonOf(covered),
  };
}

/** What lies below a rule and who removes it; what is removed alike is said once. */
function reasonOf(covered: readonly WrittenPrefix[]): string {
  const contents = new Map<string, Set<string>>();
  for (const written of covered) {
    const how = describeRetention(written);
    contents.set(how, (contents.get(how) ?? new Set()).add(written.content));
  }
  return [...contents].map(([how, content]) => `${[...content].join(' and ')}: ${how}`).join('; ');
}

/** Days between the end of the retention and the deletion: none where nobody else removes, or where jobs may not. */
function marginOf(covered: readonly WrittenPrefix[], config: LifecycleConfig): number {
  const delays = covered.map(({ removalDelay }) => daysOf(removalDelay));
  const longest = Math.max(...delays);
  if (config.mode === LifecycleMode.ENFORCE || longest === 0) {
    return 0;
  }
  // However short the margin, the job that keeps the newest copies must have run before.
  return Math.max(daysOf(secondsOf(config.margin ?? DEFAULTS.lifecycle.margin)), longest);
}

function refine(base: PlannedLifecycleRule, rule: LifecycleRuleConfig, path: string): PlannedLifecycleRule {
  const { deleteAfter, versionsFor, moves, restoreWithin, writtenBy } = rule;
  return {
    ...base,
    path,
    given: true,
    ...(deleteAfter === undefined
      ? {}
      : {
          deleteAfterDays: daysOf(secondsOf(deleteAfter)),
          reason: `given in the config: deleted after ${formatSeconds(secondsOf(deleteAfter))}`,
        }),
    ...(versionsFor === undefined ? {} : { versionDays: daysOf(secondsOf(versionsFor)) }),
    moves: (moves ?? []).map(({ tier, after }) => ({ tier, afterDays: daysOf(secondsOf(after)) })),
    ...(restoreWithin === undefined ? {} : { restoreWithin: secondsOf(restoreWithin) }),
    ...(writtenBy === undefined ? {} : { writtenBy, reason: `given in the config for what ${writtenBy} writes` }),
  };
}

/** `a-b/c` and `a/b-c` give one name, which a policy may have only once. */
export function withUniqueNames(rules: readonly PlannedLifecycleRule[]): PlannedLifecycleRule[] {
  const taken = new Set<string>();
  return rules.map((rule) => {
    let name = rule.name;
    for (let number = 2; taken.has(name); number += 1) {
      name = `${rule.name}-${number}`;
    }
    taken.add(name);
    return { ...rule, name };
  });
}
