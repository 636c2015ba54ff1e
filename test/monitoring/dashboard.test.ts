import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, Metric } from '../../lib';
import {
  ALERTS,
  DATABASE_METRICS,
  DRILL_METRICS,
  planRecordings,
  planRecovery,
  RECORDED_METRICS,
  RUN_METRICS,
} from '../../lib';
import { complete, minimal } from '../support/configs';
import { metricsIn } from '../support/promql';
import { objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: object;
  readonly targets: {
    readonly refId: string;
    readonly expr: string;
    readonly instant: boolean;
    readonly datasource: object;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly thresholds: { readonly steps: { readonly value: number | null }[] };
    };
  };
  readonly transformations?: { readonly id: string; readonly options: Record<string, Record<string, string>> }[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: { readonly name: string; readonly type: string; readonly query: string }[] };
  readonly panels: Panel[];
}

const DATASOURCE = { type: 'prometheus', uid: ['$', '{datasource}'].join('') };

function configMapOf(config: DisasterRecoveryConfig): Manifest {
  const found = objectsIn(render(config)).filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
  expect(found).toHaveLength(1);
  return found[0] as Manifest;
}

const configMap = configMapOf(nextgen);
const dashboard: Dashboard = JSON.parse(configMap.data['nextgen-backup-dashboard.json']);

describe('the ConfigMap of the dashboard', () => {
  it('is found by the sidecar of Grafana, under a file name that no other site has, and fits into a ConfigMap', () => {
    expect(configMap.metadata).toMatchObject({ name: 'nextgen-backup-dashboard', namespace: 'production' });
    expect(Object.keys(configMap.data)).toEqual(['nextgen-backup-dashboard.json']);
    expect(JSON.stringify(configMap).length).toBeLessThan(1024 ** 2);
  });

  it('names its folder where one is configured', () => {
    const inFolder = configMapOf({ ...nextgen, monitoring: { dashboardFolder: 'Backups' } });
    expect(inFolder.metadata.annotations?.grafana_folder).toBe('Backups');
    expect(configMap.metadata.annotations?.grafana_folder).toBeUndefined();
  });
});

describe('the dashboard', () => {
  it('answers three questions in its first row', () => {
    const first = dashboard.panels.filter(({ gridPos }) => gridPos.y === 0).map(({ title }) => title.split('?')[0]);
    expect(first).toEqual(['Can I recover', 'To when', 'How fast', 'Alerts that fire']);
  });

  it('keeps its address, and lets the reader choose the data source', () => {
    expect(dashboard.uid).toBe('cdk8s-dr-nextgen');
    expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource', query: 'prometheus' }]);
    for (const { datasource, targets } of dashboard.panels) {
      expect([datasource, ...targets.map((target) => target.datasource)]).toEqual(
        Array.from({ length: targets.length + 1 }, () => DATASOURCE),
      );
    }
  });

  it('has an address of at most 40 characters that differs between sites of long names', () => {
    const uidOf = (site: string): string => {
      const { data } = configMapOf({ ...minimal, site, monitoring: {} });
      return JSON.parse(data[`${site}-backup-dashboard.json`]).uid;
    };
    const uids = ['a', 'b'].map((end) => uidOf(`production-cluster-of-the-shop-in-europe-${end}`));
    expect(uids.map((uid) => uid.length)).toEqual([40, 40]);
    expect(uids[0]).not.toBe(uids[1]);
  });

  it('has panels that do not overlap, in full rows, with ids from one on', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    const height = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
    expect(cells.length).toBe(24 * height);
    expect(dashboard.panels.map(({ id }) => id)).toEqual(dashboard.panels.map((_, index) => index + 1));
  });

  it('says of each panel what it shows, in which unit, with a first colour for everything', () => {
    for (const { title, description, fieldConfig, targets } of dashboard.panels) {
      expect(title).not.toBe('');
      expect(description, title).toMatch(/\.$/);
      expect(fieldConfig.defaults.unit, title).not.toBe('');
      expect(fieldConfig.defaults.thresholds.steps[0]?.value, title).toBeNull();
      expect(targets.map(({ refId }) => refId)).toEqual(targets.map((_, index) => 'ABCDE'[index]));
    }
  });

  it('asks for one value where it shows one, and for a range where it shows a course', () => {
    const asked = dashboard.panels.map(({ type, targets }) => [type, new Set(targets.map(({ instant }) => instant))]);
    for (const [type, instant] of asked) {
      expect(instant, String(type)).toEqual(new Set([type !== 'timeseries' && type !== 'state-timeline']));
    }
  });

  it('names the columns of its table after the queries', () => {
    const table = dashboard.panels.find(({ type }) => type === 'table');
    expect(table?.transformations?.map(({ id }) => id)).toEqual(['merge', 'organize']);
    expect(table?.transformations?.[1]?.options.renameByName).toEqual({
      'Value #A': 'Age',
      'Value #B': 'Took',
      'Value #C': 'Size',
      'Value #D': 'Failed',
    });
  });

  it.each([
    ['the reference config', nextgen],
    ['the minimal config', { ...minimal, monitoring: {} }],
    ['the config with every option', complete],
  ])('reads only what a source exports or a rule of the same site records: %s', (_, config) => {
    const sources = [RUN_METRICS, DRILL_METRICS, DATABASE_METRICS].flatMap((source) => Object.values<Metric>(source));
    const metrics: Metric[] = [...sources, ALERTS];
    const plan = planRecovery(config);
    const recorded = Object.values(RECORDED_METRICS).map(({ name }) => name);
    const known = new Set([...metrics.map(({ name }) => name.toLowerCase()), ...recorded]);
    const { data } = configMapOf(config);
    const { panels }: Dashboard = JSON.parse(Object.values<string>(data)[0] ?? '');
    const read = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr.toLowerCase())));
    expect(read.filter((name) => !known.has(name))).toEqual([]);
    expect(planRecordings(plan).length).toBeGreaterThan(0);
  });
});
