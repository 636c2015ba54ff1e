import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type {
  ClusterObjectsConfig,
  DatabaseConfig,
  DisasterRecoveryConfig,
  Finding,
  LifecycleConfig,
  LifecycleRuleConfig,
} from '../../lib';
import {
  DisasterRecoveryError,
  LifecycleMode,
  ObjectStorage,
  planRecovery,
  Retention,
  Schedule,
  ServerSideEncryption,
  StorageTier,
} from '../../lib';
import { minimal, minimalDatabase } from '../support/configs';

const DAILY = 'postgres/daily';
const R = 'lifecycle.rules[0]';
const container = { account: 'nextgenbackups', container: 'backups', accountKey: { secretName: 'azure' } };
const bucket = { bucket: 'nextgen-backups', region: 'eu-central-1', iamRoleArn: 'arn:aws:iam::1:role/backup' };
const azure = (immutableDays: number): ObjectStorage => ObjectStorage.azureBlob({ ...container, immutableDays });
const s3 = ObjectStorage.s3(bucket);
const { COOL, COLD, ARCHIVE, DEEP_ARCHIVE } = StorageTier;

function lifecycle(changes: LifecycleConfig, storage: ObjectStorage = nextgen.storage): DisasterRecoveryConfig {
  return { ...nextgen, drills: undefined, storage, lifecycle: changes };
}

/** A rule for daily dumps that are kept for 400 days, which leaves room for every tier. */
function kept(rule: Partial<LifecycleRuleConfig>, storage: ObjectStorage = nextgen.storage): DisasterRecoveryConfig {
  const config = lifecycle({ rules: [{ prefix: DAILY, ...rule }] }, storage);
  return { ...config, databases: config.databases?.map((database) => keepDaily(database, 400)) };
}

function keepDaily(database: DatabaseConfig, days: number): DatabaseConfig {
  const dumps = database.dumps && {
    ...database.dumps,
    tiers: database.dumps.tiers.map((tier) =>
      tier.name === 'daily' ? { ...tier, retention: Retention.days(days) } : tier,
    ),
  };
  return { ...database, ...(dumps && { dumps }), baseBackups: { retentionDays: days } };
}

function move(tier: StorageTier, days: number): LifecycleRuleConfig['moves'] {
  return [{ tier, after: Duration.days(days) }];
}

/** So many databases with two tiers each: three rules per database, and one for the reports. */
function databases(count: number): DisasterRecoveryConfig {
  const tiers = ['daily', 'weekly'].map((name) => ({
    name,
    schedule: Schedule.dailyAt('02:00'),
    retention: Retention.days(30),
  }));
  return {
    ...minimal,
    storage: nextgen.storage,
    lifecycle: {},
    databases: Array.from({ length: count }, (_, index) => ({
      ...minimalDatabase,
      name: `orders-${index}`,
      dumps: { credentials: { secretName: 'dumper' }, tiers },
    })),
  };
}

function findingsOf(config: DisasterRecoveryConfig): Finding[] {
  try {
    return planRecovery(config).findings;
  } catch (error) {
    if (error instanceof DisasterRecoveryError) {
      expect(error.problems).toEqual([]);
      return error.findings;
    }
    throw error;
  }
}

const keptExports: ClusterObjectsConfig = {
  objective: { rpo: Duration.hours(13), rto: Duration.minutes(5) },
  retention: Retention.days(400),
};

const keptVolumes = (nextgen.volumes ?? []).map((volume) => ({
  ...volume,
  retention: Retention.tiered({ all: Duration.days(1), daily: Duration.days(300) }),
}));

const errors: [string, string, string, string, DisasterRecoveryConfig, DisasterRecoveryConfig][] = [
  [
    'a rule that matches nothing',
    'rule-matches-nothing',
    `${R}.prefix`,
    'postgres/daily/',
    lifecycle({ rules: [{ prefix: 'postgres/dayly' }] }),
    lifecycle({ rules: [{ prefix: DAILY }] }),
  ],
  [
    'a rule for single runs, which no rule can know',
    'rule-matches-nothing',
    `${R}.prefix`,
    'writtenBy',
    lifecycle({ rules: [{ prefix: 'postgres/daily/20240115T020000Z' }] }),
    lifecycle({ rules: [{ prefix: 'velero', writtenBy: 'Velero', deleteAfter: Duration.days(30) }] }),
  ],
  [
    'a written prefix without a rule',
    'prefix-without-rule',
    'lifecycle.rules',
    'prefix reports/',
    lifecycle({
      generate: false,
      rules: [{ prefix: 'postgres' }, { prefix: 'config' }, { prefix: 'volumes' }, { prefix: 'etcd' }],
    }),
    lifecycle({
      generate: false,
      rules: [
        { prefix: 'postgres' },
        { prefix: 'config' },
        { prefix: 'volumes' },
        { prefix: 'etcd' },
        { prefix: 'reports' },
      ],
    }),
  ],
  [
    'a deletion before the retention ends',
    'deletes-too-early',
    `${R}.deleteAfter`,
    'Duration.days(30)',
    lifecycle({ rules: [{ prefix: DAILY, deleteAfter: Duration.days(29) }] }),
    lifecycle({ rules: [{ prefix: DAILY, deleteAfter: Duration.days(30) }] }),
  ],
  [
    'a deletion of exports before their retention ends',
    'deletes-too-early',
    `${R}.deleteAfter`,
    'Duration.days(30)',
    lifecycle({ rules: [{ prefix: 'config/exports', deleteAfter: Duration.days(29) }] }),
    lifecycle({ rules: [{ prefix: 'config/exports', deleteAfter: Duration.days(30) }] }),
  ],
  [
    'an archive tier slower than the RTO of exports',
    'tier-slower-than-rto',
    `${R}.moves[0].tier`,
    'set restoreWithin to Duration.hours(16)',
    { ...kept({ prefix: 'config/exports', moves: move(ARCHIVE, 30) }), configuration: keptExports },
    {
      ...kept({ prefix: 'config/exports', moves: move(ARCHIVE, 30), restoreWithin: Duration.hours(16) }),
      configuration: keptExports,
    },
  ],
  [
    'an immutability period beyond the retention of exports',
    'immutable-beyond-retention',
    'configuration.retention',
    'keep them for 31 days or more',
    { ...nextgen, drills: undefined, databases: [], volumes: [], etcd: undefined, storage: azure(31), lifecycle: {} },
    { ...nextgen, drills: undefined, databases: [], volumes: [], etcd: undefined, storage: azure(30), lifecycle: {} },
  ],
  [
    'a deletion of etcd snapshots before their retention ends',
    'deletes-too-early',
    `${R}.deleteAfter`,
    'Duration.days(90)',
    lifecycle({ rules: [{ prefix: 'etcd/snapshots', deleteAfter: Duration.days(89) }] }),
    lifecycle({ rules: [{ prefix: 'etcd/snapshots', deleteAfter: Duration.days(90) }] }),
  ],
  [
    'an immutability period beyond the retention of etcd snapshots, while its stream follows the period',
    'immutable-beyond-retention',
    'etcd.retention',
    'keep them for 91 days or more',
    {
      ...nextgen,
      drills: undefined,
      databases: [],
      volumes: [],
      configuration: undefined,
      storage: azure(91),
      lifecycle: {},
    },
    {
      ...nextgen,
      drills: undefined,
      databases: [],
      volumes: [],
      configuration: undefined,
      storage: azure(90),
      lifecycle: {},
    },
  ],
  [
    'a deletion of records before their snapshots expire',
    'deletes-too-early',
    `${R}.deleteAfter`,
    'Duration.days(7)',
    lifecycle({ rules: [{ prefix: 'volumes/data', deleteAfter: Duration.days(6) }] }),
    lifecycle({ rules: [{ prefix: 'volumes/data', deleteAfter: Duration.days(7) }] }),
  ],
  [
    'an archive tier slower than the RTO of volumes, which another cluster imports from records',
    'tier-slower-than-rto',
    `${R}.moves[0].tier`,
    'set restoreWithin to Duration.hours(16)',
    { ...kept({ prefix: 'volumes/data', moves: move(ARCHIVE, 30) }), volumes: keptVolumes },
    {
      ...kept({ prefix: 'volumes/data', moves: move(ARCHIVE, 30), restoreWithin: Duration.hours(16) }),
      volumes: keptVolumes,
    },
  ],
  [
    'an immutability period beyond the retention of records',
    'immutable-beyond-retention',
    'volumes[0].retention',
    'keep them for 8 days or more',
    { ...nextgen, drills: undefined, databases: [], storage: azure(8), lifecycle: {} },
    { ...nextgen, drills: undefined, databases: [], storage: azure(7), lifecycle: {} },
  ],
  [
    'a deletion in the archive, where age says nothing of what a recovery needs',
    'deletes-too-early',
    `${R}.deleteAfter`,
    'leave deleteAfter out',
    lifecycle({ rules: [{ prefix: 'postgres/nextgen-postgres/wals', deleteAfter: Duration.days(3650) }] }),
    lifecycle({ rules: [{ prefix: 'postgres/nextgen-postgres/wals' }] }),
  ],
  [
    'a deletion of everything of a database, archive included',
    'deletes-too-early',
    `${R}.deleteAfter`,
    'recovery window of 30d',
    lifecycle({ rules: [{ prefix: 'postgres', deleteAfter: Duration.days(365) }] }),
    lifecycle({ rules: [{ prefix: 'postgres' }] }),
  ],
  [
    'a tier that the provider does not have',
    'tier-unavailable',
    `${R}.moves[0].tier`,
    'cool, cold, archive',
    kept({ moves: move(DEEP_ARCHIVE, 200) }),
    kept({ moves: move(DEEP_ARCHIVE, 200), restoreWithin: Duration.days(1) }, s3),
  ],
  [
    'the archive tier with an encryption scope',
    'tier-unavailable',
    `${R}.moves[0].tier`,
    'use one of cool, cold',
    kept(
      { moves: move(ARCHIVE, 200), restoreWithin: Duration.days(1) },
      ObjectStorage.azureBlob({ ...container, serverSideEncryption: ServerSideEncryption.azureScope('backups') }),
    ),
    kept({ moves: move(ARCHIVE, 200), restoreWithin: Duration.days(1) }),
  ],
  [
    'a move that the provider refuses so early',
    'tier-too-early',
    `${R}.moves[0].after`,
    'Duration.days(30)',
    kept({ moves: move(COOL, 29) }, s3),
    kept({ moves: move(COOL, 30) }, s3),
  ],
  [
    'a move of the newest copies to where they cannot be read at once',
    'tier-too-early',
    `${R}.moves[0].after`,
    'Duration.days(5)',
    kept({ moves: move(ARCHIVE, 4), restoreWithin: Duration.days(1) }),
    kept({ moves: move(ARCHIVE, 5), restoreWithin: Duration.days(1) }),
  ],
  [
    'a move too short before the deletion to pay',
    'tier-too-short',
    `${R}.moves[0].after`,
    'Duration.days(370)',
    kept({ moves: move(COOL, 371) }),
    kept({ moves: move(COOL, 370) }),
  ],
  [
    'a move too short before the next move to pay',
    'tier-too-short',
    `${R}.moves[0].after`,
    'Duration.days(29)',
    kept({ moves: [...(move(COOL, 30) ?? []), ...(move(COLD, 59) ?? [])] }),
    kept({ moves: [...(move(COOL, 30) ?? []), ...(move(COLD, 60) ?? [])] }),
  ],
  [
    'a retention too short for a tier at all',
    'tier-too-short',
    `${R}.moves[0].after`,
    'leave the move out, or keep the copies for at least 31 days',
    lifecycle({ rules: [{ prefix: DAILY, moves: move(COOL, 1) }] }),
    kept({ moves: move(COOL, 1) }),
  ],
  [
    'an archive tier slower than the RTO',
    'tier-slower-than-rto',
    `${R}.moves[0].tier`,
    'use one of cool, cold, or, if the old copies are history only, set restoreWithin to Duration.hours(16)',
    kept({ moves: move(ARCHIVE, 30) }),
    kept({ moves: move(COLD, 30) }),
  ],
  [
    'an archive tier slower than what is allowed for old copies',
    'tier-slower-than-rto',
    `${R}.moves[0].tier`,
    'Duration.hours(16)',
    kept({ moves: move(ARCHIVE, 30), restoreWithin: Duration.hours(15) }),
    kept({ moves: move(ARCHIVE, 30), restoreWithin: Duration.hours(16) }),
  ],
  [
    'an archive that Barman could not read, whatever a restore may take',
    'tier-slower-than-rto',
    `${R}.moves[0].tier`,
    'use one of cool, cold',
    kept({ prefix: 'postgres/nextgen-postgres', moves: move(ARCHIVE, 30), restoreWithin: Duration.days(9) }),
    kept({ prefix: 'postgres/nextgen-postgres', moves: move(COLD, 30) }),
  ],
  [
    'an immutability period beyond a retention',
    'immutable-beyond-retention',
    'databases[0].dumps.tiers[1].retention',
    'keep them for 8 days or more, or shorten the period of the store and storage.immutableDays to 7',
    lifecycle({}, azure(8)),
    lifecycle({}, azure(7)),
  ],
  [
    'an immutability period beyond the recovery window',
    'immutable-beyond-retention',
    'databases[0].baseBackups.retentionDays',
    'keep them for 31 days or more',
    { ...minimal, storage: azure(31), databases: [minimalDatabase] },
    { ...minimal, storage: azure(30), databases: [minimalDatabase] },
  ],
  [
    'an immutability period beyond a rule',
    'immutable-beyond-rule',
    'lifecycle.reportsFor',
    'Duration.days(7)',
    lifecycle({ reportsFor: Duration.days(6) }, azure(7)),
    lifecycle({ reportsFor: Duration.days(7) }, azure(7)),
  ],
  [
    'more rules than a policy may have',
    'rules-too-many',
    'lifecycle',
    'more than one storage',
    databases(34),
    databases(33),
  ],
];

describe('the plan refuses', () => {
  it.each(errors)('%s (%s), and accepts the nearest that works', (_, rule, path, fix, bad, good) => {
    expect(findingsOf(bad)).toContainEqual(
      expect.objectContaining({ rule, path, severity: 'error', fix: expect.stringContaining(fix) }),
    );
    expect(findingsOf(good).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('says of a versioned bucket that a protected version stays, where other stores let the job fail', () => {
    const message = (storage: ObjectStorage): string | undefined =>
      findingsOf(lifecycle({}, storage)).find(({ rule }) => rule === 'immutable-beyond-retention')?.message;
    expect(message(azure(8))).toContain('and fails until then');
    expect(message(ObjectStorage.s3({ ...bucket, immutableDays: 8 }))).toContain('the protected version stays');
  });
});

describe('the plan warns', () => {
  const rulesOf = (config: LifecycleConfig): string[] =>
    planRecovery({ ...lifecycle(config), snapshotClasses: [], replication: undefined }).findings.map(
      ({ rule, severity, actual }) => `${severity} ${rule} ${actual}`,
    );

  it('that a ConfigMap applies nothing, unless the operator does', () => {
    expect(rulesOf({})).toEqual(['warning lifecycle-not-applied ConfigMap production/backup-lifecycle-policy']);
    expect(rulesOf({ azureServiceOperator: { ownerName: 'nextgenbackups' } })).toEqual([]);
  });

  it('that the last copies expire where rules enforce the retention', () => {
    const operator = { azureServiceOperator: { ownerName: 'nextgenbackups' } };
    expect(rulesOf({ ...operator, mode: LifecycleMode.ENFORCE })).toEqual([
      'warning last-copy-expires 30d',
      'warning last-copy-expires 7d',
      'warning last-copy-expires 7d',
      'warning last-copy-expires 90d',
      'warning last-copy-expires 1d',
      'warning last-copy-expires 30d',
    ]);
    expect(rulesOf({ ...operator, mode: LifecycleMode.BACKSTOP })).toEqual([]);
  });
});
