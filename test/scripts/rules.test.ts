import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { RecoveryPlan } from '../../lib';
import { AlertName, ObjectStorage, planRecovery, Schedule, SNAPSHOT_METRICS } from '../../lib';
import { dashboardPanels } from '../../lib/monitoring/dashboard/panels';
import { complete, minimal } from '../support/configs';
import type { Change, Match, Series } from '../support/metrics-world';
import { becomes, failedJob, gone, healthyWorld, lacks, stops, twice, when } from '../support/metrics-world';
import type { Check, Scenario } from './rule-scenario';
import { differencesIn, failuresOf, groupsOf, lintOf, queriesWithoutResult } from './rule-scenario';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const GIB = 1024 ** 3;

const plan = planRecovery({ ...nextgen, monitoring: {} });
const { monitoring } = plan;
const world = healthyWorld(plan);

/** The healthy world, changed by events. */
const after = (...events: [Match, Change][]): Series[] =>
  events.reduce((before, [match, change]) => when(before, match, change), world);

const DAILY = { asset: 'nextgen-postgres', tier: 'daily', cronjob: 'postgres-backup' };
const HOURLY = { asset: 'nextgen-postgres', tier: 'hourly', cronjob: 'postgres-backup-hourly' };
const VOLUMES = { asset: 'data', asset_kind: 'volumes' };
const STREAM = { asset: 'etcd', tier: 'stream', cronjob: 'none' };
const DATABASE = { asset: 'nextgen-postgres', tier: 'base', cronjob: 'none' };
const VERIFY = { asset: 'nextgen-postgres', tier: 'none', cronjob: 'postgres-backup-verify' };

const RECOVERY = { asset: 'nextgen-postgres', tier: 'none', drill: 'recovery', cronjob: 'nextgen-postgres-recovery' };
const EXERCISE = { asset: 'etcd', tier: 'none', drill: 'etcd-restore', cronjob: 'etcd-backup-drill' };
/** Shorter than the gap that the drills of etcd have, so that scenarios do not run for a month. */
const daily = planRecovery({ ...nextgen, monitoring: {}, drills: { etcd: { schedule: Schedule.dailyAt('03:30') } } });

const STORE = { asset: 'none', tier: 'none', cronjob: 'backup-store-probe' };
const WAL = { asset: 'nextgen-postgres', tier: 'wal', drill: 'none', cronjob: 'none' };
/** A site whose credential says when it expires. */
const signed = planRecovery({
  ...nextgen,
  monitoring: {},
  storage: ObjectStorage.azureBlob({ account: 'shop', container: 'backups', sasToken: { secretName: 'shop-sas' } }),
});

/** What looks into the store report of a tier, and of the store. */
const stored = (tier: string): Match => ({ metric: /^backup_store_newest/, labels: { tier } });
const LOOKS: Match = { metric: /^backup_store_/ };

/** The look that begins at minute 65 does not take place. */
const missesLook: Change =
  ({ at }) =>
  (second) =>
    at(second >= 3960 && second < 4260 ? 3930 : second);

/** What drills of a kind report. */
const drilled = ({ drill }: { readonly drill: string }, metric: RegExp = /^backup_drill_/): Match => ({
  metric,
  labels: { drill },
});

/** What runs of a tier report, and what the cluster says of its CronJob. */
const reports = ({ tier }: { readonly tier: string }): Match => ({ metric: /^backup_(?!store_)/, labels: { tier } });
const cronJob = (cronjob: string): Match => ({ metric: /^kube_cronjob_status/, labels: { cronjob } });
const exporter = (metric: RegExp): Match => ({ metric, labels: { cnpg_io_cluster: 'nextgen-postgres' } });
const primary = (metric: RegExp): Match => ({ metric, labels: { pod: 'nextgen-postgres-1' } });

/** What fires at a time: nothing, unless it is said. */
const check = (at: number, firing: Record<string, number> = {}): Check => ({ at, firing });

const SIZES: { readonly what: string; readonly size: number; readonly firing: Record<string, number> }[] = [
  { what: 'less than half as large as', size: 0.4 * GIB, firing: { 'BackupSizeAnomaly warning': 1 } },
  { what: 'somewhat smaller than', size: 0.6 * GIB, firing: {} },
  { what: 'more than twice as large as', size: 2.5 * GIB, firing: { 'BackupSizeAnomaly warning': 1 } },
  {
    what: 'a thousand times as large as',
    size: 1e12,
    firing: { 'BackupSizeAnomaly warning': 1, 'BackupTooLarge warning': 1 },
  },
];

/** A course of events of the reference config, unless it is said. */
const scenarios: (Scenario & { readonly plan?: RecoveryPlan })[] = [
  {
    title: 'nothing, on the day of the installation',
    about: {},
    series: healthyWorld(plan, 0),
    step: 120,
    checks: [20 * MINUTE, HOUR, 2 * HOUR].map((at) => check(at)),
  },
  {
    title:
      'a daily backup that stops: a warning after a day and an hour, an incident once a tolerated run has failed too',
    about: DAILY,
    series: after(
      [reports(DAILY), stops(HOUR)],
      [stored('daily'), lacks(HOUR)],
      [cronJob('postgres-backup'), stops(HOUR)],
    ),
    step: 900,
    checks: [
      check(DAY),
      check(DAY + 75 * MINUTE, { 'BackupNotRunning warning': 1 }),
      check(2 * DAY + HOUR, { 'BackupNotRunning warning': 1, 'BackupNotRunning critical': 3 }),
    ],
  },
  {
    title: 'nothing, where a single run of a frequent schedule is missing',
    about: VOLUMES,
    series: after(
      [reports({ tier: 'scheduled' }), stops(5 * MINUTE, 21 * MINUTE)],
      [stored('scheduled'), lacks(5 * MINUTE, 21 * MINUTE)],
      [cronJob('pv-snapshot-scheduler'), stops(5 * MINUTE, 21 * MINUTE)],
      [{ metric: /^volume_snapshot_creation/, labels: { asset: 'data' } }, stops(5 * MINUTE, 21 * MINUTE)],
    ),
    step: 60,
    checks: [14, 20, 30, 45].map((minutes) => check(minutes * MINUTE)),
  },
  {
    title:
      'volume runs that no longer report, and claims that have no new snapshot: each by itself, within the objective',
    about: VOLUMES,
    series: after(
      [reports({ tier: 'scheduled' }), stops(5 * MINUTE)],
      [{ metric: /^volume_snapshot_creation/, labels: { claim: 'redis-data-pvc' } }, stops(5 * MINUTE)],
    ),
    step: 60,
    checks: [check(28 * MINUTE), check(32 * MINUTE, { 'BackupNotRunning critical': 1, 'SnapshotTooOld critical': 1 })],
  },
  {
    title: 'snapshots that never become ready: they do not count as new ones',
    about: VOLUMES,
    series: after([
      { metric: /^volume_snapshot_ready/, labels: { claim: 'redis-data-pvc' } },
      becomes(0, 10 * MINUTE),
    ]).concat(
      {
        metric: SNAPSHOT_METRICS.ready.name,
        labels: { ...snapshotLabels('redis-data-pvc'), name: 'older' },
        at: () => 1,
      },
      {
        metric: SNAPSHOT_METRICS.created.name,
        labels: { ...snapshotLabels('redis-data-pvc'), name: 'older' },
        at: () => MINUTE,
      },
    ),
    step: 60,
    checks: [
      check(14 * MINUTE),
      check(16 * MINUTE, { 'SnapshotNotReady warning': 1 }),
      check(33 * MINUTE, { 'SnapshotNotReady warning': 1, 'SnapshotTooOld critical': 1 }),
    ],
  },
  {
    title: 'a claim with almost as many snapshots as its disk may have',
    about: VOLUMES,
    series: world.concat(
      Array.from({ length: 455 }, (_, index) => ({
        metric: SNAPSHOT_METRICS.created.name,
        labels: { namespace: 'production', claim: 'redis-data-pvc', name: `foreign-${index}` },
        at: () => 0,
      })),
    ),
    step: 300,
    checks: [check(2 * HOUR), check(2.5 * HOUR, { 'SnapshotCountNearLimit warning': 1 })],
  },
  {
    title: 'a run that failed, until the next one succeeds; two replicas of everything raise no second alert',
    about: HOURLY,
    series: twice(
      after(
        [reports(HOURLY), stops(30 * MINUTE, 2 * HOUR)],
        [cronJob('postgres-backup-hourly'), stops(30 * MINUTE, 2 * HOUR)],
      ).concat(failedJob('production', 'postgres-backup-hourly', HOUR, 10 * HOUR)),
    ),
    step: 60,
    checks: [
      check(HOUR + 3 * MINUTE),
      check(HOUR + 7 * MINUTE, { 'BackupFailed warning': 1 }),
      check(2 * HOUR + 5 * MINUTE),
    ],
  },
  {
    title: 'a suspended CronJob: said at once, and an incident only once its objective is missed',
    about: HOURLY,
    series: after(
      [{ metric: /suspend/, labels: { cronjob: 'postgres-backup-hourly' } }, becomes(1, 10 * MINUTE)],
      [reports(HOURLY), stops(10 * MINUTE)],
      [stored('hourly'), lacks(10 * MINUTE)],
      [cronJob('postgres-backup-hourly'), stops(10 * MINUTE)],
    ),
    step: 120,
    checks: [
      check(20 * MINUTE),
      check(30 * MINUTE, { 'BackupJobSuspended warning': 1 }),
      check(2.5 * HOUR, { 'BackupJobSuspended warning': 1 }),
      check(3 * HOUR, { 'BackupJobSuspended warning': 1, 'BackupNotRunning critical': 2 }),
    ],
  },
  {
    title: 'a CronJob that never succeeds',
    about: HOURLY,
    series: when(when(healthyWorld(plan, 0), reports(HOURLY), gone(0)), cronJob('postgres-backup-hourly'), gone(0)),
    step: 120,
    checks: [check(2.5 * HOUR), check(3 * HOUR, { 'BackupNeverSucceeded critical': 1 })],
  },
  {
    title: 'kube-state-metrics that restarts, and that does not come back: one alert for all CronJobs',
    about: { asset: 'nextgen-postgres' },
    series: after([{ metric: /^(kube|volume_snapshot)_/ }, gone(10 * MINUTE, 20 * MINUTE)]).map((one) =>
      /^(kube|volume_snapshot)_/.test(one.metric) ? { ...one, at: gone(40 * MINUTE)(one) } : one,
    ),
    step: 120,
    checks: [check(18 * MINUTE), check(30 * MINUTE), check(HOUR, { 'BackupMetricsAbsent warning': 1 })],
  },
  {
    title: 'a CronJob that somebody deleted',
    about: HOURLY,
    series: after([{ metric: /^kube_cronjob/, labels: { cronjob: 'postgres-backup-hourly' } }, gone(10 * MINUTE)]),
    step: 60,
    checks: [check(20 * MINUTE), check(30 * MINUTE, { 'BackupMetricsAbsent critical': 1 })],
  },
  {
    title: 'a Pushgateway that is down: said once for itself, and for each job whose reports are lost',
    about: HOURLY,
    series: after([{ metric: /^up$/ }, becomes(0, 5 * MINUTE)], [{ metric: /^backup_/ }, gone(5 * MINUTE)]),
    step: 60,
    checks: [
      check(15 * MINUTE),
      check(25 * MINUTE, { 'PushgatewayDown warning': 1, 'BackupMetricsAbsent warning': 1 }),
    ],
  },
  {
    title: 'nothing of an asset that is no longer part of the plan, though the Pushgateway remembers it for ever',
    about: HOURLY,
    series: world.concat(
      when(world, reports(HOURLY), stops(-9 * DAY))
        .filter(({ labels }) => labels.tier === 'hourly')
        .map((one) => ({ ...one, labels: { ...one.labels, asset: 'decommissioned' } })),
    ),
    step: 120,
    checks: [check(HOUR)],
  },
  {
    title: 'a run that comes near its deadline',
    about: HOURLY,
    series: after([{ metric: /^backup_duration/, labels: { tier: 'hourly' } }, becomes(2000, 30 * MINUTE)]),
    step: 60,
    checks: [check(29 * MINUTE), check(31 * MINUTE, { 'BackupTooSlow warning': 1 })],
  },
  {
    title: 'nothing, where one snapshot of the stream is slow on a busy machine; those that stay slow',
    about: STREAM,
    series: after(
      [{ metric: /^backup_duration/, labels: { tier: 'stream' } }, becomes(54, 10 * MINUTE, 11 * MINUTE)],
      [{ metric: /^backup_duration/, labels: { tier: 'stream' } }, becomes(54, 20 * MINUTE)],
    ),
    step: 30,
    checks: [
      ...[10, 11, 12, 21].map((minutes) => check(minutes * MINUTE)),
      check(23 * MINUTE, { 'BackupTooSlow warning': 1 }),
    ],
  },
  ...SIZES.map(({ what, size, firing }) => ({
    title: `a backup that is ${what} those before`,
    about: HOURLY,
    series: after([{ metric: /^backup_size/, labels: { tier: 'hourly' } }, becomes(size, HOUR)]),
    step: 60,
    checks: [check(HOUR - MINUTE), { at: HOUR + MINUTE, firing }],
  })),
  {
    title: 'nothing, while a database is idle for hours and archives nothing',
    about: DATABASE,
    series: after([primary(/last_archived_time/), stops(0)]),
    step: 60,
    checks: [check(2 * HOUR)],
  },
  {
    title: 'nothing, while a busy database always has segments that wait for a moment',
    about: DATABASE,
    series: after(
      [primary(/wal_archive_status/), becomes(5)],
      [primary(/last_archived_time/), () => (second) => second - 20],
    ),
    step: 30,
    checks: [check(HOUR)],
  },
  {
    title:
      'WAL that waits and is not archived: within the objective of five minutes, counted from when its segment was closed',
    about: DATABASE,
    series: after(
      [primary(/last_archived_time/), stops(10 * MINUTE)],
      [primary(/wal_archive_status/), becomes(3, 10 * MINUTE)],
    ),
    step: 15,
    checks: [check(10 * MINUTE + 45), check(14 * MINUTE, { 'WalArchiveBacklog critical': 1 })],
  },
  {
    title: 'WAL archiving that fails, and one that failed and then succeeded',
    about: DATABASE,
    series: after(
      [primary(/last_archived_time/), stops(20 * MINUTE)],
      [
        primary(/last_failed_time/),
        () => (second) => (second < 10 * MINUTE ? -1 : second < 20 * MINUTE ? 10 * MINUTE : second),
      ],
    ),
    step: 30,
    checks: [check(15 * MINUTE), check(23 * MINUTE, { 'WalArchivingFailing critical': 1 })],
  },
  {
    title: 'WAL archiving that fails, though a busy exporter leaves out the archiver in one scrape',
    about: DATABASE,
    series: after(
      [primary(/last_archived_time/), stops(10 * MINUTE)],
      [exporter(/wal_archive_status/), becomes(1, 10 * MINUTE)],
      [primary(/last_failed_time/), () => (second) => (second < 10 * MINUTE ? -1 : second)],
      [primary(/stat_archiver/), gone(12.5 * MINUTE, 13 * MINUTE)],
    ),
    step: 30,
    checks: [12, 12.5, 13].map((minutes) =>
      check(minutes * MINUTE, { 'WalArchivingFailing critical': 1, 'WalArchiveBacklog critical': 1 }),
    ),
  },
  {
    title: 'nothing, when another instance becomes primary',
    about: DATABASE,
    series: after([primary(/stat_archiver/), gone(10 * MINUTE)]).concat(
      ['last_archived_time', 'last_failed_time'].map((name) => ({
        metric: `cnpg_pg_stat_archiver_${name}`,
        labels: { namespace: 'production', pod: 'nextgen-postgres-2', cnpg_io_cluster: 'nextgen-postgres' },
        at: (second: number): number | undefined => (second < 11 * MINUTE ? undefined : -1),
      })),
    ),
    step: 30,
    checks: [check(11 * MINUTE), check(30 * MINUTE)],
  },
  {
    title: 'base backups that stop',
    about: DATABASE,
    series: after([exporter(/last_available_backup/), stops(HOUR)]),
    step: 900,
    checks: [
      check(DAY),
      check(DAY + 75 * MINUTE, { 'BaseBackupTooOld warning': 1 }),
      check(2 * DAY + HOUR, { 'BaseBackupTooOld warning': 1, 'BaseBackupTooOld critical': 1 }),
    ],
  },
  {
    title: 'a base backup that failed, until the next one succeeds',
    about: DATABASE,
    series: after(
      [exporter(/last_available_backup/), () => (second) => (second < 2 * HOUR ? MINUTE : 2 * HOUR)],
      [exporter(/last_failed_backup/), becomes(HOUR, HOUR)],
    ),
    step: 120,
    checks: [check(HOUR), check(HOUR + 10 * MINUTE, { 'BackupFailed warning': 1 }), check(2 * HOUR + 10 * MINUTE)],
  },
  {
    title: 'a database that never had a base backup',
    about: DATABASE,
    series: after([exporter(/last_available_backup/), becomes(0)]),
    step: 900,
    checks: [check(2 * DAY), check(2 * DAY + 30 * MINUTE, { 'BackupNeverSucceeded critical': 1 })],
  },
  {
    title: 'an exporter that is silent',
    about: DATABASE,
    series: after([exporter(/.*/), gone(10 * MINUTE)]),
    step: 60,
    checks: [check(14 * MINUTE), check(16 * MINUTE, { 'BackupMetricsAbsent critical': 1 })],
  },
  {
    title: 'a verification that failed, until the next one succeeds',
    about: VERIFY,
    series: after(
      [{ metric: /^backup_verify_last/ }, stops(HOUR, 12 * HOUR)],
      [cronJob('postgres-backup-verify'), stops(HOUR, 12 * HOUR)],
    ).concat(failedJob('production', 'postgres-backup-verify', 6 * HOUR, 30 * HOUR)),
    step: 300,
    checks: [check(6 * HOUR + 300), check(6 * HOUR + 900, { 'RestoreTestFailed critical': 1 }), check(12 * HOUR + 600)],
  },
  {
    title: 'backups that are no longer verified',
    about: VERIFY,
    series: after([{ metric: /^backup_verify_last/ }, stops(HOUR)]),
    step: 300,
    checks: [check(12 * HOUR), check(13.5 * HOUR, { 'RestoreTestStale warning': 1 })],
  },
  {
    title: 'a drill that failed, until the next one succeeds; its Job failed too, which is no second alert',
    about: RECOVERY,
    series: twice(
      after(
        [drilled(RECOVERY, /_success$/), () => (second) => (second >= HOUR && second < 2 * HOUR ? 0 : 1)],
        [drilled(RECOVERY, /last_run/), () => (second) => (second >= HOUR + 60 ? HOUR + 60 : 0)],
        [drilled(RECOVERY, /last_success/), stops(0)],
      ).concat(failedJob('production-drill', 'nextgen-postgres-recovery', HOUR, 10 * HOUR)),
    ),
    step: 60,
    checks: [
      check(HOUR + 3 * MINUTE),
      check(HOUR + 30 * MINUTE, { 'DrillFailed critical': 1 }),
      check(2 * HOUR + 5 * MINUTE),
    ],
  },
  {
    title:
      'a drill whose Job failed and of which nothing was heard, as one that was evicted, until a later one reports',
    about: RECOVERY,
    series: after([drilled(RECOVERY, /last_run/), () => (second) => (second < 3 * HOUR ? -DAY : 3 * HOUR)]).concat(
      failedJob('production-drill', 'nextgen-postgres-recovery', HOUR, 10 * HOUR),
    ),
    step: 60,
    checks: [
      check(HOUR + 10 * MINUTE),
      check(HOUR + 20 * MINUTE, { 'DrillFailed critical': 1 }),
      check(3 * HOUR + 5 * MINUTE),
    ],
  },
  {
    title: 'nothing, while the Pushgateway restarts after a drill that failed long ago and was repeated',
    about: RECOVERY,
    series: after([{ metric: /^backup_/ }, gone(20 * MINUTE, 30 * MINUTE)]).concat(
      failedJob('production-drill', 'nextgen-postgres-recovery', 30, DAY),
    ),
    step: 60,
    checks: [check(10 * MINUTE), check(29 * MINUTE), check(40 * MINUTE)],
  },
  {
    title: 'a drill that restored what is valid and took longer than the RTO: no failure, but too slow',
    about: RECOVERY,
    series: after(
      [drilled(RECOVERY, /recovery_seconds/), becomes(901, 10 * MINUTE, 40 * MINUTE)],
      [drilled(RECOVERY, /last_run/), stops(10 * MINUTE)],
    ),
    step: 60,
    checks: [check(9 * MINUTE), check(15 * MINUTE, { 'DrillTooSlow critical': 1 }), check(45 * MINUTE)],
  },
  {
    title: 'nothing, where a protection that is planned to be slower than the RTO is, and a warning beyond its plan',
    about: { ...RECOVERY, drill: 'restore-test', cronjob: 'postgres-restore-test' },
    series: after([
      drilled({ drill: 'restore-test' }, /recovery_seconds/),
      () => (second) => (second < HOUR ? 1200 : 1300),
    ]),
    step: 60,
    checks: [check(30 * MINUTE), check(HOUR + 5 * MINUTE, { 'DrillTooSlow warning': 1 })],
  },
  {
    title: 'drills that no longer run, suspended ones included',
    plan: daily,
    about: EXERCISE,
    series: [
      [drilled(EXERCISE), stops(HOUR)] as const,
      [cronJob('etcd-backup-drill'), stops(HOUR)] as const,
      [{ metric: /suspend/, labels: { cronjob: 'etcd-backup-drill' } }, becomes(1, 2 * HOUR)] as const,
    ].reduce((before, [match, change]) => when(before, match, change), healthyWorld(daily)),
    step: 300,
    checks: [
      check(DAY + HOUR, { 'BackupJobSuspended warning': 1 }),
      check(DAY + 2 * HOUR, { 'BackupJobSuspended warning': 1, 'DrillStale warning': 1 }),
    ],
  },
  {
    title: 'a drill that has never run, once its first date has passed',
    plan: daily,
    about: EXERCISE,
    series: [drilled(EXERCISE), cronJob('etcd-backup-drill')].reduce(
      (before, match) => when(before, match, gone(0)),
      healthyWorld(daily, 0),
    ),
    step: 300,
    checks: [check(DAY), check(DAY + 1.5 * HOUR, { 'DrillNeverRan warning': 1 })],
  },
  {
    title: 'drills that succeed and report nothing; that one failed before is no longer news',
    about: RECOVERY,
    series: after([drilled(RECOVERY), gone(10 * MINUTE)]).concat(
      failedJob('production-drill', 'nextgen-postgres-recovery', 30, DAY),
    ),
    step: 60,
    checks: [check(20 * MINUTE), check(30 * MINUTE, { 'BackupMetricsAbsent warning': 1 })],
  },
  {
    title: 'the CronJob of a drill that somebody deleted',
    about: RECOVERY,
    series: after([{ metric: /^kube_cronjob/, labels: { cronjob: RECOVERY.cronjob } }, gone(10 * MINUTE)]),
    step: 60,
    checks: [check(20 * MINUTE), check(30 * MINUTE, { 'BackupMetricsAbsent warning': 1 })],
  },
  {
    title: 'a store that did not answer once, and one that no longer does',
    about: STORE,
    series: after(
      [{ metric: /^backup_store_up/ }, () => (second) => (second >= 3600 || (second >= 1200 && second < 1500) ? 0 : 1)],
      [{ metric: /^backup_store_(last_look|newest)/ }, stops(HOUR)],
      [cronJob('backup-store-probe'), stops(HOUR)],
    ),
    step: 30,
    checks: [
      check(26 * MINUTE),
      check(HOUR + 8 * MINUTE),
      check(HOUR + 10 * MINUTE, { 'StoreUnreachable critical': 1 }),
      check(2 * HOUR, { 'StoreUnreachable critical': 1 }),
    ],
  },
  {
    title:
      'a store that nobody looks into any more, by its reports and by its CronJob; one look that is missing is none',
    about: STORE,
    series: after([LOOKS, stops(HOUR)], [cronJob('backup-store-probe'), stops(HOUR)]),
    step: 30,
    checks: [check(HOUR + 9 * MINUTE), check(HOUR + 18 * MINUTE, { 'StoreUnreachable warning': 2 })],
  },
  {
    title: 'nothing of a store, while the Pushgateway restarts',
    about: STORE,
    series: after([LOOKS, gone(20 * MINUTE, 30 * MINUTE)]),
    step: 30,
    checks: [check(29 * MINUTE), check(35 * MINUTE)],
  },
  {
    title: 'a probe that never succeeded, and one that succeeds and reports nothing',
    about: STORE,
    series: when(
      when(healthyWorld(plan, 0), LOOKS, gone(0)),
      cronJob('backup-store-probe'),
      () => (second) => (second < HOUR ? undefined : second),
    ),
    step: 30,
    checks: [
      check(10 * MINUTE),
      check(20 * MINUTE, { 'StoreUnreachable warning': 1 }),
      check(HOUR + 20 * MINUTE, { 'BackupMetricsAbsent warning': 1 }),
    ],
  },
  {
    title: 'runs that report what is not in the store: at the next look, and once its age is beyond the plan',
    about: HOURLY,
    series: after([stored('hourly'), stops(30 * MINUTE)]),
    step: 60,
    checks: [
      check(HOUR + 4 * MINUTE),
      check(HOUR + 10 * MINUTE, { 'BackupMissing critical': 1 }),
      check(2 * HOUR + 50 * MINUTE, { 'BackupMissing critical': 1 }),
      check(3 * HOUR, { 'BackupMissing critical': 1, 'BackupNotRunning critical': 1 }),
    ],
  },
  {
    title: 'a tier all of whose backups were removed: at the next look, though no age is left',
    about: { ...HOURLY, store: 'none' },
    series: after([stored('hourly'), becomes(0, 30 * MINUTE)]),
    step: 60,
    checks: [check(HOUR), check(HOUR + 10 * MINUTE, { 'BackupMissing critical': 1 })],
  },
  {
    title: 'nothing is missing, while nobody looks and runs go on; two replicas of everything change nothing',
    about: { ...HOURLY, store: 'none' },
    series: twice(after([LOOKS, stops(30 * MINUTE)])),
    step: 60,
    checks: [check(HOUR + 10 * MINUTE), check(2 * HOUR + 10 * MINUTE)],
  },
  {
    title: `etcd's stream, when what it reports is not in the store`,
    about: STREAM,
    series: after([stored('stream'), stops(10 * MINUTE)]),
    step: 30,
    checks: [check(12 * MINUTE), check(20 * MINUTE, { 'EtcdStreamStale critical': 1 })],
  },
  {
    title: 'WAL that a busy database has archived and the store lacks',
    about: WAL,
    series: after([stored('wal'), stops(20 * MINUTE)], [primary(/last_archived_time/), () => (second) => second - 5]),
    step: 30,
    checks: [check(25 * MINUTE), check(45 * MINUTE, { 'BackupMissing critical': 1 })],
  },
  {
    title: 'nothing is missing of a database that is idle for hours, then writes, and is idle again',
    about: WAL,
    series: after(
      [primary(/last_archived_time/), () => (second) => (second < HOUR ? 0 : HOUR)],
      [
        stored('wal'),
        ({ at }) =>
          (second) =>
            (at(second) ?? 0) < HOUR ? 0 : HOUR,
      ],
    ),
    step: 30,
    checks: [30, 60, 61, 63, 65, 68, 75, 90, 120].map((minutes) => check(minutes * MINUTE)),
  },
  {
    title:
      'nothing is missing after a promotion, which archives a file that is no segment before the next one, though a look is missing',
    about: WAL,
    series: after(
      [primary(/last_archived_time/), () => (second) => (second < 3480 ? 0 : second < 3720 ? 3480 : 3720)],
      [{ metric: /^backup_store_last_look/ }, missesLook],
      [stored('wal'), (one) => (second) => ((missesLook(one)(second) ?? 0) < 3720 ? 0 : 3720)],
    ),
    step: 30,
    checks: [60, 64, 66, 68, 69, 70, 72, 75, 80, 90].map((minutes) => check(minutes * MINUTE)),
  },
  {
    title: 'a credential that expires: two weeks before, two days before',
    plan: signed,
    about: STORE,
    series: when(healthyWorld(signed), { metric: /^backup_store_credential/ }, () => () => 14 * DAY + HOUR),
    step: 3600,
    checks: [
      check(HOUR),
      check(3 * HOUR, { 'StoreCredentialExpires warning': 1 }),
      check(13 * DAY, { 'StoreCredentialExpires warning': 1, 'StoreCredentialExpires critical': 1 }),
    ],
  },
  {
    title: 'a prune that no longer succeeds',
    about: { ...VOLUMES, cronjob: 'pv-snapshot-scheduler-prune' },
    series: after([cronJob('pv-snapshot-scheduler-prune'), stops(5 * MINUTE)]),
    step: 120,
    checks: [check(2 * HOUR), check(2.5 * HOUR, { 'PruneFailed warning': 1 })],
  },
  {
    title: 'a second copy that falls behind',
    about: { asset: 'none', cronjob: 'backup-replication' },
    series: after(
      [cronJob('backup-replication'), stops(5 * MINUTE)],
      [{ metric: /^backup_replication/ }, stops(5 * MINUTE)],
    ),
    step: 120,
    checks: [check(2.5 * HOUR), check(3 * HOUR + 10 * MINUTE, { 'ReplicationLagging warning': 2 })],
  },
  {
    title: `etcd's stream, when nothing is committed any more: two scrapes after its worst case`,
    about: STREAM,
    series: after([reports(STREAM), stops(10 * MINUTE)]),
    step: 15,
    checks: [check(10 * MINUTE + 90), check(10 * MINUTE + 120, { 'EtcdStreamStale critical': 1 })],
  },
  {
    title: `etcd's stream, when its pod is not ready`,
    about: STREAM,
    series: after([{ metric: /^kube_statefulset_status/ }, becomes(0, 10 * MINUTE)]),
    step: 30,
    checks: [check(12 * MINUTE), check(14 * MINUTE, { 'EtcdStreamStale critical': 1 })],
  },
];

function snapshotLabels(claim: string): Record<string, string> {
  return { namespace: 'production', part_of: 'nextgen-dr', asset: 'data', tier: 'scheduled', claim };
}

describe('the rules of the reference config raise', () => {
  // Values of `$title` would be cut short in the report.
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_, scenario) => {
    expect(failuresOf(scenario.plan ?? plan, scenario)).toBe('');
  });

  it('each of their alerts in some scenario', () => {
    const raised = new Set(scenarios.flatMap(({ checks }) => checks.flatMap(({ firing }) => Object.keys(firing))));
    const names = new Set([...raised].map((alert) => alert.split(' ')[0]));
    expect(Object.values(AlertName).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('the rules of a claim that a selector finds', () => {
  const other = planRecovery({ ...complete, monitoring: {} });
  const volumes = { asset: 'files', asset_kind: 'volumes' };
  const claim = {
    metric: 'kube_persistentvolumeclaim_info',
    labels: { namespace: 'web', persistentvolumeclaim: 'data-1' },
  };
  const stopped = when(
    healthyWorld(other),
    { metric: /^volume_snapshot_creation/, labels: { asset: 'files' } },
    stops(0),
  );

  it.each([
    ['raise an alert when it has no new snapshots', { 'SnapshotTooOld critical': 1 }, 4 * HOUR],
    ['raise none when the claim is gone and its snapshots stay', {}, HOUR],
  ])('%s', (_, firing, until) => {
    const exists: Series = { ...claim, at: (second) => (second < until ? 1 : undefined) };
    const scenario = { about: volumes, step: 120, checks: [{ at: 2 * HOUR, firing }] };
    expect(failuresOf(other, { ...scenario, title: '', series: [...stopped, exists] })).toBe('');
  });
});

describe('an alert', () => {
  it('says what is wrong with the value, and where to read on', () => {
    const labels = { site: 'nextgen', namespace: 'production', asset_kind: 'volumes', asset: 'data' };
    const stopped = after([
      { metric: /^volume_snapshot_creation/, labels: { claim: 'redis-data-pvc' } },
      stops(MINUTE),
    ]);
    const difference = differencesIn(plan, stopped, {
      alertname: 'SnapshotTooOld',
      labels: { ...labels, claim: 'redis-data-pvc', severity: 'critical' },
      annotations: {
        summary: 'No new snapshot of claim production/redis-data-pvc',
        description:
          'The newest snapshot of claim production/redis-data-pvc that is ready is 59m 0s old; they are taken every 10 min, and the plan accounts for 30m.',
        runbook: 'ConfigMap production/nextgen-runbook#snapshottooold',
      },
    });
    expect(difference).toBe('');
  });
});

describe('the achieved RPO', () => {
  const NEWEST: Match = { metric: /^backup_store_newest/, labels: { asset: 'data' } };
  const runsEndedAt = (end: number): [Match, Change] => [
    { metric: /^backup_last_success/, labels: { asset: 'data' } },
    () => () => end,
  ];

  // Runs capture at minutes 0, 10, ... 50 and end a minute later; at the end of the hour the newest look began at minute 55.
  it.each<[string, number, [Match, Change][]]>([
    ['is the age of what the store has', 599, []],
    ['does not believe a run that reports what a later look did not find', 3599, [[NEWEST, stops(400)]]],
    ['is not known where runs report and a later look found nothing at all', -1, [[NEWEST, becomes(0)]]],
    ['believes a run that reports what nobody could see yet', 330, [runsEndedAt(3330)]],
    ['believes runs while nobody looks', 600, [[LOOKS, stops(1200)]]],
    ['believes runs where nobody has ever looked', 600, [[LOOKS, gone(0)]]],
    [
      'is what the store has, where runs no longer report',
      599,
      [[{ metric: /^backup_last/, labels: { asset: 'data' } }, gone(0)]],
    ],
  ])('%s', (_, seconds, events) => {
    const achieved = 'backup_achieved_rpo_seconds{asset="data"}';
    const query = `(${achieved} or on() vector(-1)) == ${seconds}`;
    expect(queriesWithoutResult(plan, after(...events), [query])).toBe('');
  });
});

describe('the dashboard', () => {
  it('has only queries that have a result while all is well', () => {
    expect(monitoring).toBeDefined();
    const panels = monitoring === undefined ? [] : dashboardPanels(plan, monitoring);
    const queries = panels.flatMap(({ queries }) => queries.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(10);
    expect(queriesWithoutResult(plan, world, queries)).toBe('');
  });
});

describe('promtool', () => {
  it.each<[string, RecoveryPlan]>([
    ['the reference config', plan],
    ['the minimal config', planRecovery({ ...minimal, monitoring: {} })],
    ['the config with every option', planRecovery({ ...complete, monitoring: {} })],
  ])('has nothing to say against the rules of %s', (_, checked) => {
    expect(lintOf(groupsOf(checked))).toBe('');
  });
});
