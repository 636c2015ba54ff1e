import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, Metric, RecoveryPlan } from '../../lib';
import {
  AlertName,
  ControlPlane,
  DATABASE_METRICS,
  DRILL_METRICS,
  KUBE_METRICS,
  MetricSource,
  planAlerts,
  planRecordings,
  planRecovery,
  RECORDED_METRICS,
  Retention,
  RUN_METRICS,
  SCRAPE_UP,
  Schedule,
  SNAPSHOT_METRICS,
  STORE_METRICS,
} from '../../lib';
import { complete, minimal, minimalDatabase } from '../support/configs';
import { metricsIn } from '../support/promql';

const watched = (config: DisasterRecoveryConfig): RecoveryPlan => planRecovery({ ...config, monitoring: {} });

const CATALOGUE = new Map<string, Metric>(
  [
    ...Object.values(RUN_METRICS),
    ...Object.values(DRILL_METRICS),
    ...Object.values(STORE_METRICS),
    ...Object.values(KUBE_METRICS),
    ...Object.values(SNAPSHOT_METRICS),
    ...Object.values(DATABASE_METRICS),
    ...Object.values(RECORDED_METRICS),
    SCRAPE_UP,
  ].map((metric) => [metric.name, metric]),
);

/** Prometheus sees a report up to a scrape late: of a stream it can speak only after an objective of a minute. */
const LATE = 60;

/** Seconds that the plan allows for what an alert is about, by the path of the setting that its numbers come from. */
function worstCases({ monitoring, replication }: RecoveryPlan): Map<string, number> {
  const { probe } = monitoring ?? {};
  const {
    signals = [],
    snapshots = [],
    verifications = [],
    drills = [],
    prunes = [],
    archives = [],
  } = monitoring ?? {};
  return new Map([
    ['replication.schedule', replication?.lag ?? 0] as [string, number],
    ...(probe === undefined ? [] : [[probe.path, probe.lag + probe.run.longestGap + LATE] as [string, number]]),
    ...signals.map(({ path, worstCaseLoss, rpo }): [string, number] => [
      path,
      Math.min(rpo ?? worstCaseLoss, worstCaseLoss),
    ]),
    ...snapshots.map(({ path, worstCaseLoss, rpo }): [string, number] => [path, rpo ?? worstCaseLoss]),
    ...drills.map(({ path, run: { longestGap, startDelay, deadline } }): [string, number] => [
      path,
      longestGap + startDelay + deadline,
    ]),
    ...[...verifications, ...prunes].map(({ path, run }): [string, number] => [path, run.worstCaseLoss]),
    ...archives.flatMap(({ path, rpo, baseBackups }): [string, number][] => [
      [`${path}.walArchiving`, rpo],
      [`${path}.baseBackups.schedule`, baseBackups.worstCaseLoss],
    ]),
  ]);
}

const schedules = [
  Schedule.everyMinutes(30),
  Schedule.everyHours(1),
  Schedule.everyHours(6),
  Schedule.dailyAt('02:30', 'Europe/Berlin'),
  Schedule.cron('0 8-17 * * 1-5'),
  Schedule.weeklyAt(0, '02:00'),
];

const sites = fc
  .record({
    tiers: fc.array(fc.constantFrom(...schedules), { minLength: 1, maxLength: 3 }),
    rpoMinutes: fc.integer({ min: 3, max: 120 }),
    gibibytes: fc.integer({ min: 1, max: 200 }),
    volumeRpoMinutes: fc.integer({ min: 25, max: 3000 }),
    etcdRpoSeconds: fc.oneof(fc.integer({ min: 40, max: 119 }), fc.integer({ min: 1200, max: 9000 })),
    startDelayMinutes: fc.integer({ min: 1, max: 10 }),
    toleratedFailedRuns: fc.integer({ min: 0, max: 3 }),
  })
  .map((draw) => {
    const sure = { rto: Duration.days(30) };
    return {
      ...nextgen,
      databases: [
        {
          ...minimalDatabase,
          size: Size.gibibytes(draw.gibibytes),
          cluster: { storage: Size.gibibytes(1000) },
          objective: { ...sure, rpo: Duration.minutes(draw.rpoMinutes) },
          dumps: {
            credentials: { secretName: 'dumper' },
            tiers: draw.tiers.map((schedule, index) => ({
              name: `tier-${index}`,
              schedule,
              retention: Retention.days(400),
            })),
          },
        },
      ],
      volumes: [
        {
          name: 'data',
          claims: ['data'],
          objective: { ...sure, rpo: Duration.minutes(draw.volumeRpoMinutes) },
          size: Size.gibibytes(1),
          snapshotClassName: 'elsewhere',
          retention: Retention.tiered({ all: Duration.days(1) }),
        },
      ],
      etcd: {
        objective: { ...sure, rpo: Duration.seconds(draw.etcdRpoSeconds) },
        controlPlane: ControlPlane.KUBEADM,
        size: Size.mebibytes(50),
        retention: Retention.days(90),
      },
      configuration: undefined,
      lifecycle: undefined,
      assumptions: {
        startDelay: Duration.minutes(draw.startDelayMinutes),
        toleratedFailedRuns: draw.toleratedFailedRuns,
      },
      monitoring: {},
    };
  });

/** The plan of a drawn config, where its objectives can be met. */
function possible(config: DisasterRecoveryConfig): RecoveryPlan | undefined {
  try {
    return planRecovery(config);
  } catch {
    return undefined;
  }
}

describe('for every config that can be planned', () => {
  it('age and pending time of an alert stay within what the plan allows', () => {
    fc.assert(
      fc.property(sites, (config) => {
        const plan = possible(config);
        fc.pre(plan !== undefined);
        const limits = worstCases(plan);
        for (const alert of planAlerts(plan).filter(({ threshold }) => threshold !== undefined)) {
          const limit = limits.get(alert.path) ?? 0;
          // What the store has is known as late as a look may be.
          const seen = alert.labels.signal === 'store' ? (plan.monitoring?.probe?.lag ?? 0) : 0;
          const allowed = (alert.name === AlertName.ETCD_STREAM_STALE ? limit + LATE : limit) + seen;
          expect((alert.threshold ?? 0) + alert.forSeconds, `${alert.name} ${alert.path}`).toBeLessThanOrEqual(allowed);
          expect(alert.threshold ?? 0).toBeGreaterThan(0);
        }
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it('pending times are whole seconds, name and labels tell alerts apart, and every metric has a source', () => {
    fc.assert(
      fc.property(sites, (config) => {
        const plan = possible(config);
        fc.pre(plan !== undefined);
        expectSound(plan);
      }),
      { numRuns: 12, seed: 2 },
    );
  });

  it.each([
    ['the reference config', nextgen],
    ['the minimal config', minimal],
    ['the config with every option', complete],
  ])('so it is for %s', (_, config) => {
    expectSound(watched(config));
  });
});

/** What holds of the rules of any plan. */
function expectSound(plan: RecoveryPlan): void {
  const rules = planAlerts(plan);
  const recordings = planRecordings(plan);
  const recorded = new Set(recordings.map(({ record }) => record));
  const ids = rules.map(({ name, severity, labels }) => JSON.stringify([name, severity, labels]));
  expect(new Set(ids).size).toBe(ids.length);
  const recordedIds = recordings.map(({ record, labels }) => JSON.stringify([record, labels]));
  expect(new Set(recordedIds).size).toBe(recordedIds.length);
  for (const { name, forSeconds, summary, description } of rules) {
    expect(Number.isInteger(forSeconds) && forSeconds >= 0, name).toBe(true);
    expect(summary, name).not.toMatch(/^$|\.$/);
    expect(description, name).toMatch(/\.$/);
  }
  for (const { expr, labels } of [...rules, ...recordings]) {
    for (const name of metricsIn(expr)) {
      const metric = CATALOGUE.get(name);
      expect(metric, `${name} in ${expr}`).toBeDefined();
      expect(metric?.source !== MetricSource.RECORDING_RULE || recorded.has(name), `${name} is recorded`).toBe(true);
    }
    expect(Object.keys(labels)).not.toContain('severity');
  }
  for (const { record, labels } of recordings) {
    expect(Object.keys(labels), record).toEqual(CATALOGUE.get(record)?.labels);
  }
}
