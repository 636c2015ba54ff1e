import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nextgen } from '../../app';
import type { MonitoringConfig } from '../../lib';
import { planAlerts, planRecordings, planRecovery } from '../../lib';
import { objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

interface Group {
  readonly name: string;
  readonly interval: string;
  readonly rules: Rule[];
}

/** The object of the rules that a site with these settings has. */
function rulesObject(monitoring: MonitoringConfig): Manifest {
  const objects = objectsIn(render({ ...nextgen, monitoring }));
  const found = objects.filter(({ metadata }) => metadata.name === 'nextgen-backup-rules');
  expect(found).toHaveLength(1);
  return found[0] as Manifest;
}

const plan = planRecovery({ ...nextgen, monitoring: {} });
const [metrics, alerts]: Group[] = rulesObject({}).spec.groups;

describe('the PrometheusRule', () => {
  it('evaluates recorded metrics before alerts, as often as new values arrive', () => {
    expect([metrics, alerts].map((group) => [group?.name, group?.interval])).toEqual([
      ['nextgen-backup-metrics', '30s'],
      ['nextgen-backup-alerts', '30s'],
    ]);
  });

  it('has the recording rules and the alerts of the plan, in their order', () => {
    expect(metrics?.rules.map(({ record, expr, labels }) => ({ record, expr, labels }))).toEqual(planRecordings(plan));
    expect(alerts?.rules.map(({ alert, expr }) => [alert, expr])).toEqual(
      planAlerts(plan).map(({ name, expr }) => [name, expr]),
    );
  });

  it('gives each alert its severity, labels, summary, description and place in the runbook', () => {
    planAlerts(plan).forEach(({ name, severity, labels, summary, description }, index) => {
      const rule = alerts?.rules[index];
      expect(rule?.labels).toEqual({ ...labels, severity });
      expect(rule?.annotations).toEqual({
        summary,
        description,
        runbook: `ConfigMap production/nextgen-runbook#${name.toLowerCase()}`,
      });
    });
  });

  it('writes pending times as Prometheus reads them, and leaves out those of nothing', () => {
    const of = (name: string): (string | undefined)[] =>
      (alerts?.rules ?? []).filter(({ alert }) => alert === name).map((rule) => rule.for);
    expect(of('BackupFailed')).toEqual(['5m', '5m', '20m', '10m', '5m', '5m']);
    expect(of('EtcdStreamStale')).toEqual(['30s', '2m44s', '1m']);
    expect(of('BackupTooSlow')).toEqual([undefined, undefined, '20m', '10m', '1m22s', undefined]);
    for (const rule of alerts?.rules ?? []) {
      expect(rule.for ?? '1s').toMatch(/^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/);
    }
  });

  it('has the labels by which an operator selects it, and the namespace of monitoring', () => {
    const { kind, metadata } = rulesObject({ namespace: 'metrics', labels: { release: 'prometheus' } });
    expect({ kind, namespace: metadata.namespace, release: metadata.labels?.release }).toEqual({
      kind: 'PrometheusRule',
      namespace: 'metrics',
      release: 'prometheus',
    });
  });
});

it('alerts link to a runbook that is published', () => {
  const { groups } = rulesObject({ runbookUrl: 'https://runbooks.example.net/nextgen' }).spec as { groups: Group[] };
  for (const { alert = '', annotations } of groups[1]?.rules ?? []) {
    expect(annotations?.runbook_url).toBe(`https://runbooks.example.net/nextgen#${alert.toLowerCase()}`);
    expect(annotations?.runbook).toBeUndefined();
  }
});

it('without the operator the same rules are a file in a ConfigMap', () => {
  const { kind, data } = rulesObject({ prometheusOperator: false });
  expect(kind).toBe('ConfigMap');
  expect(Object.keys(data)).toEqual(['backup-rules.yaml']);
  expect(parse(data['backup-rules.yaml'])).toEqual({ groups: [metrics, alerts] });
});
