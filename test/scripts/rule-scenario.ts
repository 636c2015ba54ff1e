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
  const tests = checks.map(({ at, firing }) => ({
    expr: 'count by(alertname,severity) (ALERTS{alertstate="firing"})',
    eval_time: `${at}s`,
    exp_samples: Object.entries(firing).map(([alert, value]) => {
      const [alertname, severity] = alert.split(' ');
      return { labels: `{alertname="${alertname}",severity="${severity}"}`, value };
    }),
  }));
  const until = Math.max(...checks.map(({ at }) => at));
  return promtoolTest(rulesAbout(plan, about), series, { step, until }, { promql_expr_test: tests });
}

/** Asks queries at the end of an hour of a world; empty when each of them has a result. */
export function queriesWithoutResult(
  plan: RecoveryPlan,
  series: readonly Series[],
  queries: readonly string[],
): string {
  const until = 3600;
  const tests = queries.map((query) => ({
    expr: `count(${query}) > bool 0`,
    eval_time: `${until}s`,
    exp_samples: [{ labels: '{}', value: 1 }],
  }));
  return promtoolTest(groupsOf(plan), series, { step: 300, until }, { promql_expr_test: tests });
}

/** What an alert says at the end of an hour; empty when it says just that. */
export function differencesIn(plan: RecoveryPlan, series: readonly Series[], alert: AlertText): string {
  const until = 3600;
  const { alertname, labels, annotations } = alert;
  const exp_alerts = [{ exp_labels: labels, exp_annotations: annotations }];
  const test = { eval_time: `${until}s`, alertname, exp_alerts };
  return promtoolTest(groupsOf(plan), series, { step: 60, until }, { alert_rule_test: [test] });
}

/** An alert as Alertmanager gets it. */
export interface AlertText {
  readonly alertname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Output of a failed test of rules; empty when it passes. */
function promtoolTest(
  groups: readonly RuleGroup[],
  series: readonly Series[],
  { step, until }: { readonly step: number; readonly until: number },
  tests: object,
): string {
  const interval = Math.min(step, LOOKBACK);
  return promtool(['test', 'rules', 'test.yaml'], {
    'rules.yaml': { groups },
    'test.yaml': {
      rule_files: ['rules.yaml'],
      evaluation_interval: `${step}s`,
      tests: [
        {
          interval: `${interval}s`,
          input_series: series.map((one) => ({ series: nameOf(one), values: valuesOf(one, interval, until) })),
          ...tests,
        },
      ],
    },
  });
}

/** Runs promtool in a folder with these files, as JSON, which is YAML; empty when it succeeds. */
function promtool(args: readonly string[], files: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dr-rules-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), JSON.stringify(content));
    }
    const result = spawnSync(tool('promtool'), args, { cwd: folder, encoding: 'utf8' });
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
export function lintOf(groups: readonly RuleGroup[]): string {
  return promtool(['check', 'rules', '--lint-fatal', 'rules.yaml'], { 'rules.yaml': { groups } });
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
