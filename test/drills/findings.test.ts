import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DatabaseConfig, DisasterRecoveryConfig, DrillConfig } from '../../lib';
import { BackupSelection, Retention, Schedule, StorageTier } from '../../lib';
import { minimal, minimalDatabase } from '../support/configs';
import { refusalsOf } from '../support/refusals';

const drills = (changes: DrillConfig): DisasterRecoveryConfig => ({ ...nextgen, drills: changes });
const named = (name: string, restoreTest: DrillConfig['restoreTest'] = {}): DisasterRecoveryConfig => ({
  ...drills({ restoreTest }),
  databases: [{ ...(nextgen.databases?.[0] as DatabaseConfig), name }],
});

/** Daily dumps that are kept for 400 days and moved after 30. */
function moved(tier: StorageTier, selection: BackupSelection): DisasterRecoveryConfig {
  const [database] = nextgen.databases ?? [];
  const dumps = database?.dumps && {
    ...database.dumps,
    tiers: database.dumps.tiers.map((one) => (one.name === 'daily' ? { ...one, retention: Retention.days(400) } : one)),
  };
  return {
    ...drills({ restoreTest: { selection } }),
    databases: [{ ...(database as DatabaseConfig), ...(dumps && { dumps }) }],
    lifecycle: {
      rules: [
        {
          prefix: 'postgres/daily',
          moves: [{ tier, after: Duration.days(30) }],
          restoreWithin: Duration.days(2),
        },
      ],
    },
  };
}

/** An etcd of 2 GiB without a stream. */
function large(deadline: Duration): DisasterRecoveryConfig {
  const objective = { rpo: Duration.minutes(20), rto: Duration.minutes(30) };
  const etcd = nextgen.etcd && { ...nextgen.etcd, objective, size: Size.gibibytes(2), localCopies: 4 };
  return { ...drills({ etcd: { deadline } }), ...(etcd && { etcd }) };
}

describe.each<[string, string, string, DisasterRecoveryConfig, DisasterRecoveryConfig]>([
  [
    'drill-without-asset',
    'drills.restoreTest',
    'add dumps to a database',
    { ...minimal, drills: { restoreTest: {} } },
    { ...minimal, drills: {} },
  ],
  [
    'drill-without-asset',
    'drills.etcd',
    'add etcd',
    { ...nextgen, etcd: undefined, drills: { etcd: {} } },
    drills({ etcd: {} }),
  ],
  [
    'schedule-syntax',
    'drills.restoreTest.schedule',
    'write 0 0 1 * *',
    drills({ restoreTest: { schedule: Schedule.cron('@monthly') } }),
    drills({ restoreTest: { schedule: Schedule.cron('0 0 1 * *') } }),
  ],
  [
    'schedule-syntax',
    'drills.etcd.schedule',
    'write 0 0 1 * *',
    drills({ etcd: { schedule: Schedule.cron('@monthly') } }),
    drills({ etcd: { schedule: Schedule.cron('0 0 1 * *') } }),
  ],
  [
    'duration-too-short',
    'drills.restoreTest.deadline',
    'use Duration.seconds(60) or more',
    drills({ restoreTest: { deadline: Duration.seconds(59) } }),
    drills({ restoreTest: { deadline: Duration.hours(1) } }),
  ],
  [
    'duration-too-short',
    'drills.etcd.deadline',
    'use Duration.seconds(60) or more',
    drills({ etcd: { deadline: Duration.seconds(59) } }),
    drills({ etcd: { deadline: Duration.seconds(60) } }),
  ],
  [
    'duration-too-short',
    'drills.restoreTest.restoreWithin',
    'use Duration.seconds(1) or more',
    drills({ restoreTest: { restoreWithin: Duration.seconds(0) } }),
    drills({ restoreTest: { restoreWithin: Duration.hours(1) } }),
  ],
  [
    'duration-too-short',
    'drills.etcd.restoreWithin',
    'use Duration.seconds(1) or more',
    drills({ etcd: { restoreWithin: Duration.seconds(0) } }),
    drills({ etcd: { restoreWithin: Duration.hours(1) } }),
  ],
  [
    'number-out-of-range',
    'drills.etcd.minimumKeys',
    'use 1',
    drills({ etcd: { minimumKeys: 0 } }),
    drills({ etcd: { minimumKeys: 1 } }),
  ],
  [
    'name-too-long',
    'drills.restoreTest.jobName',
    'use a2345678901234567890123456789012345678901-restore-te',
    named('a2345678901234567890123456789012345678901'),
    named('a2345678901234567890123456789012345678'.concat('9')),
  ],
  [
    'job-name-shared',
    'drills.restoreTest',
    'another jobName',
    drills({ restoreTest: { jobName: 'postgres-backup' } }),
    drills({ restoreTest: { jobName: 'postgres-backup-drill' } }),
  ],
  [
    'job-name-shared',
    'monitoring.storeProbe',
    'another jobName',
    drills({ restoreTest: { jobName: 'backup-store-probe' } }),
    { ...drills({ restoreTest: { jobName: 'backup-store-probe' } }), monitoring: { storeProbe: { enabled: false } } },
  ],
  [
    'job-name-shared',
    'monitoring.storeProbe',
    'another jobName',
    { ...nextgen, replication: nextgen.replication && { ...nextgen.replication, jobName: 'backup-store-probe' } },
    nextgen,
  ],
  [
    'job-name-shared',
    'drills.restoreTest.jobName',
    'leave it out',
    {
      ...drills({ restoreTest: { jobName: 'rehearsal' } }),
      databases: [
        nextgen.databases?.[0] as DatabaseConfig,
        {
          ...minimalDatabase,
          dumps: {
            ...(nextgen.databases?.[0]?.dumps as NonNullable<DatabaseConfig['dumps']>),
            serviceAccountName: 'other',
            tiers: [{ name: 'nightly', schedule: Schedule.dailyAt('01:00'), retention: Retention.days(30) }],
            verification: {},
          },
        },
      ],
    },
    drills({ restoreTest: { jobName: 'rehearsal' } }),
  ],
  [
    'runs-overlap',
    'drills.etcd.schedule',
    'run it at most every 1h 20m',
    drills({ etcd: { schedule: Schedule.everyHours(1) } }),
    drills({ etcd: { schedule: Schedule.everyHours(2) } }),
  ],
  [
    'run-too-long',
    'drills.restoreTest.deadline',
    'allow at least 18m 56s',
    drills({ restoreTest: { deadline: Duration.seconds(1135) } }),
    drills({ restoreTest: { deadline: Duration.seconds(1136) } }),
  ],
  [
    'run-too-long',
    'drills.etcd.deadline',
    'allow at least 1m 53s',
    large(Duration.seconds(112)),
    large(Duration.seconds(113)),
  ],
  [
    'drill-planned-to-fail',
    'drills.restoreTest.restoreWithin',
    'allow 20m 56s',
    drills({ restoreTest: { restoreWithin: Duration.seconds(1255) } }),
    drills({ restoreTest: { restoreWithin: Duration.seconds(1256) } }),
  ],
  [
    'drill-planned-to-fail',
    'drills.etcd.restoreWithin',
    'allow 4m 4s',
    drills({ etcd: { restoreWithin: Duration.seconds(243) } }),
    drills({ etcd: { restoreWithin: Duration.seconds(244) } }),
  ],
  [
    'drill-without-asset',
    'drills.snapshots',
    'add volumes',
    { ...minimal, drills: { snapshots: {} } },
    drills({ snapshots: {} }),
  ],
  [
    'number-out-of-range',
    'drills.snapshots.minimumFiles',
    'use 0',
    drills({ snapshots: { minimumFiles: -1 } }),
    drills({ snapshots: { minimumFiles: 0 } }),
  ],
  [
    'number-out-of-range',
    'drills.snapshots.user',
    'use 1',
    drills({ snapshots: { user: 0 } }),
    drills({ snapshots: { user: 1 } }),
  ],
  [
    'name-invalid',
    'drills.snapshots.storageClassName',
    'use fast',
    drills({ snapshots: { storageClassName: 'Fast' } }),
    drills({ snapshots: { storageClassName: 'fast' } }),
  ],
  [
    'drill-planned-to-fail',
    'drills.snapshots.restoreWithin',
    'allow 5m',
    drills({ snapshots: { restoreWithin: Duration.seconds(299) } }),
    drills({ snapshots: { restoreWithin: Duration.seconds(300) } }),
  ],
  [
    'run-too-long',
    'drills.snapshots.deadline',
    'allow at least 3m',
    drills({ snapshots: { deadline: Duration.seconds(179) } }),
    drills({ snapshots: { deadline: Duration.seconds(180) } }),
  ],
  [
    'drill-unreadable',
    'drills.restoreTest.selection',
    'use BackupSelection.LATEST',
    moved(StorageTier.ARCHIVE, BackupSelection.RANDOM),
    moved(StorageTier.ARCHIVE, BackupSelection.LATEST),
  ],
])('%s at %s', (rule, path, fix, bad, good) => {
  it('is an error that names the nearest setting that works', () => {
    const found = refusalsOf(bad).filter((error) => error.rule === rule && error.path === path);
    expect(found, JSON.stringify(refusalsOf(bad))).toHaveLength(1);
    expect(found[0]?.fix).toContain(fix);
  });

  it('is not reported with that setting', () => {
    expect(refusalsOf(good)).toEqual([]);
  });
});

describe('a random dump', () => {
  it('may be in a tier from which it can be read at once', () => {
    expect(refusalsOf(moved(StorageTier.COOL, BackupSelection.RANDOM))).toEqual([]);
  });
});

it('a mistake in a drill does not hide others', () => {
  const config = drills({
    restoreTest: { schedule: Schedule.cron('nonsense'), deadline: Duration.seconds(1) },
    etcd: { schedule: Schedule.cron('nonsense'), restoreWithin: Duration.seconds(0), deadline: Duration.seconds(0) },
  });
  expect(refusalsOf(config).map(({ path }) => path)).toEqual([
    'drills.restoreTest.schedule',
    'drills.restoreTest.deadline',
    'drills.etcd.schedule',
    'drills.etcd.deadline',
    'drills.etcd.restoreWithin',
  ]);
});
