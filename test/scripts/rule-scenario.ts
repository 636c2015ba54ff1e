import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecoveryPlan } from '../../lib';
import type { RuleGroup } from '../../lib/monitoring/rules/rule-groups';
import { ruleGroups } from '../../lib/monitoring/rules/rule-groups';
import type { Series } from '../support/metrics-world';
import { tool } from './tools';

/** Seconds after which Prometheus no longer takes a sample for the present value. */
const LOOKBACK = 300;

/** What is firing at a time: `<alert> <severity>`, and how many of them. */
export interface Check {
  readonly at: number;
  readonly firing: Readonly<Record<string, number>>;
}

/** A course of events, and what fires in it. */
export interface Scenario {
  readonly title: string;
  readonly series: readonly Series[];
  /** Labels of the rules that take part; one that lacks a label concerns the whole site or asset, and does. */
  readonly about: Readonly<Record<string, string>>;
  /** Seconds between two evaluations. */
  readonly step: number;
  readonly checks: readonly Check[];
}

/** Runs one through the rules of a plan with promtool; empty when exactly the expected alerts fire. */
export function failuresOf(plan: RecoveryPlan, { about, series, step, checks }: Scenario): string {
  const folder = mkdtempSync(join(tmpdir(), 'dr-rules-'));
  try {
    const interval = Math.min(step, LOOKBACK);
    const until = Math.max(...checks.map(({ at }) => at));
    // JSON is YAML.
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: rulesAbout(plan, about) }));
    writeFileSync(
      join(folder, 'test.yaml'),
      JSON.stringify({
        rule_files: ['rules.yaml'],
        evaluation_interval: `${step}s`,
        tests: [
          {
            interval: `${interval}s`,
            input_series: series.map((one) => ({ series: nameOf(one), values: valuesOf(one, interval, until) })),
            promql_expr_test: checks.map(({ at, firing }) => ({
              expr: 'count by(alertname,severity) (ALERTS{alertstate="firing"})',
              eval_time: `${at}s`,
              exp_samples: Object.entries(firing).map(([alert, value]) => {
                const [alertname, severity] = alert.split(' ');
                return { labels: `{alertname="${alertname}",severity="${severity}"}`, value };
              }),
            })),
          },
        ],
      }),
    );
    const result = spawnSync(tool('promtool'), ['test', 'rules', 'test.yaml'], { cwd: folder, encoding: 'utf8' });
    return result.status === 0 ? '' : `${result.stdout}${result.stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** promtool takes a millisecond for each rule and evaluation, so that scenarios of days cannot run all of them. */
function rulesAbout(plan: RecoveryPlan, about: Scenario['about']): RuleGroup[] {
  return groupsOf(plan).map((group) => ({
    ...group,
    rules: group.rules.filter(({ labels }) =>
      Object.entries(about).every(([name, value]) => labels[name] === undefined || labels[name] === value),
    ),
  }));
}

/** The rules of a plan that is monitored. */
export function groupsOf(plan: RecoveryPlan): RuleGroup[] {
  if (plan.monitoring === undefined) {
    throw new Error('nothing is monitored');
  }
  return ruleGroups(plan, plan.monitoring);
}

/** Checks rules with promtool's linter; empty when there is nothing to say. */
export function lintOf(groups: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'dr-rules-'));
  try {
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups }));
    const args = ['check', 'rules', '--lint-fatal', 'rules.yaml'];
    const result = spawnSync(tool('promtool'), args, { cwd: folder, encoding: 'utf8' });
    return result.status === 0 ? '' : `${result.stdout}${result.stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nameOf({ metric, labels }: Series): string {
  return `${metric}{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
}

/** `stale` marks the end of a series, as a scrape does that no longer finds it. */
function valuesOf({ at }: Series, step: number, until: number): string {
  const values: string[] = [];
  for (let second = 0; second <= until; second += step) {
    const value = at(second);
    const before = at(second - step);
    values.push(value === undefined ? (second > 0 && before !== undefined ? 'stale' : '_') : String(value));
  }
  return values.join(' ');
}
