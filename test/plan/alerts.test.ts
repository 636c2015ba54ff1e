import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { Alert, DisasterRecoveryConfig, RecoveryPlan } from '../../lib';
import {
  AlertName,
  AlertSeverity,
  formatSeconds,
  planAlerts,
  planRecordings,
  planRecovery,
  Retention,
  Schedule,
} from '../../lib';
import { complete, minimal, minimalDatabase } from '../support/configs';

const watched = (config: DisasterRecoveryConfig): RecoveryPlan => planRecovery({ ...config, monitoring: {} });
const reference = watched(nextgen);
const alerts = planAlerts(reference);

/** One line for an alert: what it is about, and when it fires. */
function line({ severity, labels, threshold, forSeconds }: Alert): string {
  const { asset_kind: kind, asset, tier, drill, cronjob, signal, claim } = labels;
  const about = [kind, asset === kind ? undefined : asset, tier, drill, cronjob, claim, signal]
    .filter(Boolean)
    .join(' ');
  const age = threshold === undefined ? '' : `${formatSeconds(threshold)} + `;
  return `${severity} ${about}: ${age}${formatSeconds(forSeconds)}`;
}

function linesOf(name: AlertName): string[] {
  return alerts.filter((alert) => alert.name === name).map(line);
}

/** The one alert of a name, for some of its labels. */
function alertOf(name: AlertName, labels: Record<string, string>, severity?: AlertSeverity): Alert {
  const found = alerts.filter(
    (alert) =>
      alert.name === name &&
      (severity === undefined || alert.severity === severity) &&
      Object.entries(labels).every(([key, value]) => alert.labels[key] === value),
  );
  expect(found).toHaveLength(1);
  return found[0] as Alert;
}

describe('the alerts of the reference config', () => {
  it('have the four names of the specification first', () => {
    expect([...new Set(alerts.map(({ name }) => name))].slice(0, 4)).toEqual([
      'BackupNotRunning',
      'BackupFailed',
      'SnapshotTooOld',
      'RestoreTestFailed',
    ]);
  });

  it('are every alert there is', () => {
    expect(Object.values(AlertName).filter((name) => linesOf(name).length === 0)).toEqual([]);
  });

  it.each<[AlertName, string[]]>([
    [
      AlertName.BACKUP_NOT_RUNNING,
      [
        'warning database nextgen-postgres daily report: 1d + 1h',
        'critical database nextgen-postgres daily report: 1d 23h 44m + 1h',
        'critical database nextgen-postgres daily cluster: 1d 23h 44m + 1h',
        'critical database nextgen-postgres hourly report: 2h 17m + 27m',
        'critical database nextgen-postgres hourly cluster: 2h 17m + 27m',
        'critical volumes data scheduled report: 25m + 5m',
        'critical volumes data scheduled cluster: 25m + 5m',
        'critical etcd snapshots report: 13m + 2m',
        'critical etcd snapshots cluster: 13m + 2m',
        'warning configuration exports report: 6h + 1h',
        'critical configuration exports report: 11h 15m + 1h',
        'critical configuration exports cluster: 11h 15m + 1h',
      ],
    ],
    [
      AlertName.BACKUP_FAILED,
      [
        'warning database nextgen-postgres daily: 5m',
        'warning database nextgen-postgres hourly: 5m',
        'warning volumes data scheduled: 20m',
        'warning etcd snapshots: 10m',
        'warning configuration exports: 5m',
        'warning database nextgen-postgres base: 5m',
      ],
    ],
    [
      AlertName.SNAPSHOT_TOO_OLD,
      ['warning database nextgen-postgres: 11h 35m + 1h', 'critical volumes data: 25m + 5m'],
    ],
    [AlertName.RESTORE_TEST_FAILED, ['critical database nextgen-postgres: 10m']],
    [
      AlertName.DRILL_FAILED,
      [
        'critical database nextgen-postgres restore-test postgres-restore-test report: 5m',
        'critical database nextgen-postgres restore-test postgres-restore-test cluster: 15m',
        'critical database nextgen-postgres recovery nextgen-postgres-recovery report: 5m',
        'critical database nextgen-postgres recovery nextgen-postgres-recovery cluster: 15m',
        'critical volumes data snapshot-restore data-snapshot-drill report: 5m',
        'critical volumes data snapshot-restore data-snapshot-drill cluster: 15m',
        'critical etcd etcd-restore etcd-backup-drill report: 5m',
        'critical etcd etcd-restore etcd-backup-drill cluster: 15m',
      ],
    ],
    [
      AlertName.DRILL_TOO_SLOW,
      [
        'warning database nextgen-postgres restore-test postgres-restore-test: 0s',
        'critical database nextgen-postgres recovery nextgen-postgres-recovery: 0s',
        'critical volumes data snapshot-restore data-snapshot-drill: 0s',
        'critical etcd etcd-restore etcd-backup-drill: 0s',
      ],
    ],
    [
      AlertName.DRILL_STALE,
      [
        'warning database nextgen-postgres restore-test postgres-restore-test: 31d 1h 2m + 1h',
        'warning database nextgen-postgres recovery nextgen-postgres-recovery: 7d 35m + 1h',
        'warning volumes data snapshot-restore data-snapshot-drill: 31d 1h 5m + 1h',
        'warning etcd etcd-restore etcd-backup-drill: 31d 20m + 1h',
      ],
    ],
    [
      AlertName.DRILL_NEVER_RAN,
      [
        'warning database nextgen-postgres restore-test postgres-restore-test: 31d 1h 2m + 1h',
        'warning database nextgen-postgres recovery nextgen-postgres-recovery: 7d 35m + 1h',
        'warning volumes data snapshot-restore data-snapshot-drill: 31d 1h 5m + 1h',
        'warning etcd etcd-restore etcd-backup-drill: 31d 20m + 1h',
      ],
    ],
    [
      AlertName.BACKUP_NEVER_SUCCEEDED,
      [
        'critical database nextgen-postgres daily postgres-backup: 1d 23h 44m + 1h',
        'critical database nextgen-postgres hourly postgres-backup-hourly: 2h 17m + 27m',
        'critical volumes data scheduled pv-snapshot-scheduler: 25m + 5m',
        'critical etcd snapshots etcd-backup: 13m + 2m',
        'critical configuration exports config-backup: 11h 15m + 1h',
        'critical database nextgen-postgres postgres-backup-verify: 12h 2m + 1h',
        'critical database nextgen-postgres: 2d 17m 48s',
      ],
    ],
    [AlertName.WAL_ARCHIVING_FAILING, ['critical database nextgen-postgres: 1m']],
    [AlertName.WAL_ARCHIVE_BACKLOG, ['critical database nextgen-postgres: 1m + 1m']],
    [
      AlertName.BASE_BACKUP_TOO_OLD,
      ['warning database nextgen-postgres: 1d + 1h', 'critical database nextgen-postgres: 1d 23h 17m 48s + 1h'],
    ],
    [
      AlertName.ETCD_STREAM_STALE,
      ['critical etcd stream report: 1m 22s + 30s', 'critical etcd stream cluster: 2m 44s'],
    ],
    [AlertName.SNAPSHOT_NOT_READY, ['warning database nextgen-postgres: 30m', 'warning volumes data: 5m']],
    [AlertName.SNAPSHOT_COUNT_NEAR_LIMIT, ['warning volumes data: 2h 20m']],
    [AlertName.RESTORE_TEST_STALE, ['warning database nextgen-postgres: 12h 2m + 1h']],
    [
      AlertName.PRUNE_FAILED,
      [
        'warning database nextgen-postgres postgres-backup-prune: 1d 23h 20m + 1h',
        'warning volumes data pv-snapshot-scheduler-prune: 1h 57m + 23m',
        'warning etcd etcd-backup-prune: 1h 7m + 13m',
        'warning configuration config-backup-prune: 1d 23h 20m + 1h',
      ],
    ],
    [AlertName.PUSHGATEWAY_DOWN, ['warning : 15m']],
    [
      AlertName.REPLICATION_LAGGING,
      ['warning backup-replication report: 2h 30m + 30m', 'warning backup-replication cluster: 2h 30m + 30m'],
    ],
  ])('%s: severity, subject, age and pending time', (name, expected) => {
    expect(linesOf(name)).toEqual(expected);
  });

  it('watch each source of metrics, and each CronJob and claim by itself', () => {
    const of = (signal: string): Alert[] =>
      alerts.filter(({ name, labels }) => name === AlertName.BACKUP_METRICS_ABSENT && labels.signal === signal);
    const cronJobs = [
      'postgres-backup',
      'postgres-backup-hourly',
      'pv-snapshot-scheduler',
      'etcd-backup',
      'config-backup',
      undefined,
      'postgres-backup-verify',
      'postgres-restore-test',
      'nextgen-postgres-recovery',
      'data-snapshot-drill',
      'etcd-backup-drill',
    ];
    expect(of('cluster').map(({ labels }) => labels.cronjob)).toEqual(cronJobs);
    expect(of('report').map(({ labels }) => labels.cronjob)).toEqual([...cronJobs, 'backup-replication']);
    expect(of('exporter').map(line)).toEqual(['critical database nextgen-postgres exporter: 5m']);
    expect(of('snapshot').map(({ labels }) => labels.claim)).toEqual([
      undefined,
      'postgres-data-pvc',
      'redis-data-pvc',
    ]);
    expect(of('kube-state-metrics').map(line)).toEqual(['warning kube-state-metrics: 15m']);
  });

  it('say a suspension of every CronJob, those that prune and rehearse included', () => {
    expect(linesOf(AlertName.BACKUP_JOB_SUSPENDED)).toHaveLength(15);
  });

  it('keep the figures of the specification where they can work: a day and an hour, five and ten minutes', () => {
    const daily = alertOf(AlertName.BACKUP_NOT_RUNNING, { tier: 'daily', signal: 'report' }, AlertSeverity.WARNING);
    expect([daily.threshold, daily.forSeconds]).toEqual([86400, 3600]);
    expect(daily.expr).toMatch(/^time\(\) - max\(backup_last_success_timestamp_seconds\{[^}]*\}\) > 86400$/);
    expect(alertOf(AlertName.BACKUP_FAILED, { tier: 'daily' }).forSeconds).toBe(300);
    expect(alertOf(AlertName.RESTORE_TEST_FAILED, {}).forSeconds).toBe(600);
  });

  it('call a run slow at four fifths of its deadline', () => {
    const deadline = reference.databases[0]?.dumps?.tiers[0]?.run.deadline ?? 0;
    const { expr } = alertOf(AlertName.BACKUP_TOO_SLOW, { tier: 'daily' });
    expect(expr).toMatch(new RegExp(`> ${Math.floor(0.8 * deadline)}$`));
  });

  it('take the size that is too large from the config, and do not weigh lists of snapshots', () => {
    const plan = planRecovery({ ...nextgen, monitoring: { largestBackup: Size.gibibytes(7) } });
    const large = planAlerts(plan).filter(({ name }) => name === AlertName.BACKUP_TOO_LARGE);
    expect(new Set(large.map(({ expr }) => expr.split(' > ')[1]))).toEqual(new Set([String(7 * 1024 ** 3)]));
    for (const name of [AlertName.BACKUP_TOO_LARGE, AlertName.BACKUP_SIZE_ANOMALY]) {
      expect(linesOf(name).filter((text) => text.includes('volumes'))).toEqual([]);
    }
  });

  it('count snapshots of one disk up to nine tenths of what its provider allows', () => {
    const { expr } = alertOf(AlertName.SNAPSHOT_COUNT_NEAR_LIMIT, { asset: 'data' });
    expect(expr).toContain('claim=~"postgres-data-pvc|redis-data-pvc"');
    expect(expr).toMatch(/> 450$/);
  });

  it('know nothing of a limit where the driver is not part of the config', () => {
    const { snapshotClasses: _, ...without } = nextgen;
    const names = planAlerts(watched(without)).map(({ name }) => name);
    expect(names).not.toContain(AlertName.SNAPSHOT_COUNT_NEAR_LIMIT);
  });

  it('hold a drill against the RTO, and one of a protection that is planned to be slower against what it may take', () => {
    const slowest = (plan: RecoveryPlan, drill: string): string | undefined =>
      planAlerts(plan)
        .find(({ name, labels }) => name === AlertName.DRILL_TOO_SLOW && labels.drill === drill)
        ?.expr.split(' > ')[1];
    const [test] = reference.drills.restoreTests;
    expect([slowest(reference, 'recovery'), slowest(reference, 'restore-test')]).toEqual(['900', `${test?.limit}`]);
    expect(test?.limit).toBeGreaterThan(900);
    const within = (restoreWithin: Duration): RecoveryPlan =>
      watched({ ...nextgen, drills: { recovery: { restoreWithin } } });
    expect(slowest(within(Duration.hours(2)), 'recovery')).toBe('900');
    expect(slowest(within(Duration.seconds(800)), 'recovery')).toBe('800');
  });

  it('look at each claim of a volume asset, and at the newest of all of a Cluster', () => {
    const age = (labels: Record<string, string>): string => alertOf(AlertName.SNAPSHOT_TOO_OLD, labels).expr;
    expect(age({ asset_kind: 'volumes' })).toMatch(/^time\(\) - max by\(claim\) \(/);
    expect(age({ asset_kind: 'database' })).toMatch(/^time\(\) - max\(/);
    const bySelector = planAlerts(watched(complete)).find(
      ({ name, labels }) => name === AlertName.SNAPSHOT_TOO_OLD && labels.asset_kind === 'volumes',
    );
    expect(bySelector?.expr).toMatch(
      /\nand on\(claim\) label_replace\(kube_persistentvolumeclaim_info\{namespace="web"\}/,
    );
  });

  it('are about a Pushgateway only where one is generated', () => {
    const plan = planRecovery({ ...nextgen, monitoring: { pushgateway: { url: 'http://push.metrics.svc:9091' } } });
    expect(planAlerts(plan).map(({ name }) => name)).not.toContain(AlertName.PUSHGATEWAY_DOWN);
  });
});

it('without monitoring there are neither alerts nor recording rules', () => {
  const { monitoring: _, ...unwatched } = nextgen;
  const plan = planRecovery(unwatched);
  expect([planAlerts(plan), planRecordings(plan)]).toEqual([[], []]);
});

it('the last measured RTO is that of the recovery that loses the least, of those that are rehearsed', () => {
  const measured = (config: DisasterRecoveryConfig): string[] =>
    planRecordings(watched(config))
      .filter(({ record }) => record === 'backup_measured_rto_seconds')
      .map(({ labels, expr }) => `${labels.asset_kind} ${/drill="([a-z-]+)"/.exec(expr)?.[1]}`);
  expect(measured(nextgen)).toEqual(['database recovery', 'volumes snapshot-restore', 'etcd etcd-restore']);
  expect(measured({ ...nextgen, drills: { restoreTest: {}, failover: {} } })).toEqual(['database restore-test']);
});

it('a run that the plan does not tolerate to fail is an incident at once', () => {
  const none = watched({ ...minimal, ...strict(), assumptions: { toleratedFailedRuns: 0 } });
  const of = (name: AlertName): Alert[] => planAlerts(none).filter((alert) => alert.name === name);
  expect(of(AlertName.BACKUP_FAILED).map(({ severity, labels }) => [severity, labels.tier])).toContainEqual([
    AlertSeverity.CRITICAL,
    'daily',
  ]);
  expect(of(AlertName.BACKUP_NOT_RUNNING).map(({ severity }) => severity)).toEqual([
    AlertSeverity.CRITICAL,
    AlertSeverity.CRITICAL,
  ]);
});

function strict(): Pick<DisasterRecoveryConfig, 'databases'> {
  const dumps = {
    credentials: { secretName: 'dumper' },
    tiers: [{ name: 'daily', schedule: Schedule.dailyAt('02:00'), retention: Retention.days(9) }],
  };
  return { databases: [{ ...minimalDatabase, dumps }] };
}
