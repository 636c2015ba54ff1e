import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type {
  DisasterRecoveryConfig,
  DumpTierPlan,
  EtcdPlan,
  EtcdStreamPlan,
  LifecyclePlan,
  PrunePlan,
  RecoveryPlan,
} from '../../lib';
import { ControlPlane, LifecycleMode, planRecovery, Retention, Schedule } from '../../lib';
import { dialectOf } from '../../lib/storage';
import { minimal, minimalDatabase, variants } from '../support/configs';
import { matchLifecycle } from '../support/lifecycle-match';
import { lifecycleErrors } from '../support/schema';

const DAY = 86400;

const STORAGES = [nextgen.storage, minimal.storage, ...Object.values(variants).map(({ storage }) => storage)];

const SCHEDULES = [
  Schedule.everyHours(1),
  Schedule.everyHours(6),
  Schedule.dailyAt('02:30', 'Europe/Berlin'),
  Schedule.weeklyAt(0, '02:00'),
  Schedule.cron('0 3 1 * *'),
];

/** Names that start alike, so that a prefix could match a neighbour. */
const TIERS = ['daily', 'daily-2', 'da', 'hourly', 'archive'];

const tier = fc.record({
  schedule: fc.constantFrom(...SCHEDULES),
  retention: fc
    .tuple(fc.integer({ min: 3, max: 500 }), fc.integer({ min: 1, max: 9 }))
    .map(([days, floor]) => Retention.days(days).withFloor(floor)),
});

const database = fc
  .record({
    tiers: fc.array(tier, { maxLength: TIERS.length }),
    generation: fc.integer({ min: 1, max: 4 }),
    retentionDays: fc.integer({ min: 8, max: 400 }),
    pruneSchedule: fc.constantFrom(Schedule.dailyAt('04:30'), Schedule.weeklyAt(1, '04:30')),
  })
  .map(({ tiers, generation, retentionDays, pruneSchedule }) => ({
    ...minimalDatabase,
    objective: { rpo: Duration.minutes(10), rto: Duration.days(2) },
    generation,
    baseBackups: { retentionDays },
    ...(tiers.length === 0
      ? {}
      : {
          dumps: {
            credentials: { secretName: 'dumper' },
            pruneSchedule,
            tiers: tiers.map((one, index) => ({ ...one, name: TIERS[index] ?? '' })),
          },
        }),
  }));

const volume = fc
  .record({
    schedule: fc.constantFrom(...SCHEDULES),
    all: fc.integer({ min: 0, max: 40 }),
    daily: fc.integer({ min: 41, max: 400 }),
    floor: fc.integer({ min: 1, max: 9 }),
    pruneSchedule: fc.constantFrom(Schedule.everyHours(1), Schedule.weeklyAt(1, '04:30')),
  })
  .map(({ schedule, all, daily, floor, pruneSchedule }) => ({
    objective: { rpo: Duration.days(99), rto: Duration.hours(1) },
    claims: ['data'],
    size: Size.gibibytes(1),
    snapshotClassName: 'snapshots',
    schedule,
    retention: (all === 0
      ? Retention.days(daily)
      : Retention.tiered({ all: Duration.days(all), daily: Duration.days(daily) })
    ).withFloor(floor),
    pruneSchedule,
  }));

const etcd = fc
  .record({
    rpo: fc.constantFrom(Duration.minutes(1), Duration.hours(9)),
    schedule: fc.constantFrom(Schedule.everyMinutes(5), Schedule.everyHours(1), Schedule.everyHours(4)),
    retention: fc
      .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 9 }))
      .map(([days, floor]) => Retention.days(days).withFloor(floor)),
    pruneSchedule: fc.constantFrom(undefined, Schedule.weeklyAt(1, '04:30')),
  })
  .map(({ rpo, schedule, retention, pruneSchedule }) => ({
    objective: { rpo, rto: Duration.hours(1) },
    controlPlane: ControlPlane.KUBEADM,
    size: Size.mebibytes(100),
    schedule,
    retention,
    path: 'orders-3',
    pruneSchedule,
  }));

const config: fc.Arbitrary<DisasterRecoveryConfig> = fc
  .record({
    storage: fc.constantFrom(...STORAGES),
    databases: fc.array(database, { minLength: 1, maxLength: 3 }),
    exports: fc.option(tier, { nil: undefined }),
    volumes: fc.array(volume, { maxLength: 2 }),
    etcd: fc.option(etcd, { nil: undefined }),
    mode: fc.constantFrom(LifecycleMode.BACKSTOP, LifecycleMode.ENFORCE),
    margin: fc.integer({ min: 1, max: 200 }).map(Duration.days),
    versionsFor: fc.integer({ min: 1, max: 60 }).map(Duration.days),
  })
  .map(({ storage, databases, exports, volumes, etcd, ...lifecycle }) => ({
    ...minimal,
    storage,
    lifecycle,
    encryption: nextgen.encryption,
    ...(etcd === undefined ? {} : { etcd }),
    ...(exports === undefined
      ? {}
      : {
          configuration: {
            ...exports,
            objective: { rpo: Duration.days(99), rto: Duration.hours(1) },
            resources: ['configmaps'],
            path: 'order',
          },
        }),
    databases: databases.map((one, index) => ({ ...one, name: ['orders', 'orders-2', 'bill'][index] ?? '' })),
    volumes: volumes.map((one, index) => ({ ...one, name: ['files', 'files-2'][index] ?? '' })),
  }));

/** A key as a job or Barman writes it below each prefix. */
function keysOf(plan: LifecyclePlan): string[] {
  return plan.written.map(({ prefix }) => `${prefix}20240115T020000Z/backup.json`);
}

/** Copies of which a prune job keeps the newest. */
interface PrunedCopies extends Pick<DumpTierPlan, 'prefix' | 'run' | 'keepSeconds' | 'keepAtLeast'> {
  readonly prune: PrunePlan;
}

/** A stream as runs that follow each other. */
function streamed({ run, prune }: EtcdPlan, stream: EtcdStreamPlan): PrunedCopies {
  return { ...stream, prune, run: { ...run, longestGap: stream.period, startDelay: 0, deadline: stream.work } };
}

function prunedCopies({ databases, volumes, etcd, configuration }: RecoveryPlan): PrunedCopies[] {
  return [
    ...databases
      .flatMap(({ dumps }) => dumps ?? [])
      .flatMap(({ tiers, prune }) => tiers.map((one) => ({ ...one, prune }))),
    ...volumes,
    ...(etcd === undefined ? [] : [etcd]),
    ...(etcd?.stream === undefined ? [] : [streamed(etcd, etcd.stream)]),
    ...(configuration === undefined ? [] : [configuration]),
  ];
}

/** The oldest age that the retention or a place among the newest copies gives a copy, found by running the runs; one of them fails. */
function oldestKept({ run, keepSeconds, keepAtLeast }: PrunedCopies): number {
  const failed = 2;
  const captures = Array.from({ length: keepAtLeast + 6 }, (_, index) => index).filter((index) => index !== failed);
  const ages = captures.flatMap((next, index) => {
    // Until the next run has committed, which may start and finish late, the newest copies stay what they are.
    const now = next * run.longestGap + run.startDelay + run.deadline;
    return captures.slice(Math.max(0, index - keepAtLeast), index).map((capture) => now - capture * run.longestGap);
  });
  return Math.max(keepSeconds, ...ages);
}

describe('for any config, generated rules', () => {
  it('cover every key that is written, and none matches nothing', () => {
    fc.assert(
      fc.property(config, (site) => {
        const plan = planRecovery(site).lifecycle as LifecyclePlan;
        const policy = dialectOf(site.storage).lifecycle.policy(plan.rules);
        expect(lifecycleErrors(site.storage.provider, policy)).toEqual([]);
        const found = matchLifecycle(site.storage.provider, policy, keysOf(plan), site.storage.azure?.container);
        expect(found.keysWithoutRule).toEqual([]);
        expect(found.rulesWithoutKey).toEqual([]);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('delete no copy that a prune would keep while one run in between fails, and nothing of an archive', () => {
    fc.assert(
      fc.property(config, (site) => {
        const plan = planRecovery(site);
        const rules = plan.lifecycle?.rules ?? [];
        for (const one of prunedCopies(plan)) {
          const matching = rules.filter(({ prefix }) => `${one.prefix}/x`.startsWith(prefix));
          expect(matching).toHaveLength(1);
          expect((matching[0]?.deleteAfterDays ?? 0) * DAY).toBeGreaterThanOrEqual(oldestKept(one));
        }
        for (const { path, archive } of plan.databases) {
          const servers = [...archive.earlierServerNames, archive.serverName];
          const overArchive = rules.filter(({ prefix }) =>
            servers.some((name) => `${path}/${name}/x`.startsWith(prefix)),
          );
          expect(overArchive.map(({ deleteAfterDays }) => deleteAfterDays)).toEqual(servers.map(() => undefined));
        }
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('are a backstop only after the prune job has run, with one run of it failed', () => {
    fc.assert(
      fc.property(config, (site) => {
        const plan = planRecovery({
          ...site,
          lifecycle: { ...site.lifecycle, mode: LifecycleMode.BACKSTOP },
        });
        for (const one of prunedCopies(plan)) {
          const rule = plan.lifecycle?.rules.find(({ prefix }) => prefix === `${one.prefix}/`);
          const pruned = one.keepSeconds + 2 * one.prune.run.longestGap;
          expect((rule?.deleteAfterDays ?? 0) * DAY).toBeGreaterThanOrEqual(pruned);
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});
