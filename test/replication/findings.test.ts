import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import type { DisasterRecoveryConfig, Finding, ReplicationConfig } from '../../lib';
import { DisasterRecoveryError, Encryption, ObjectStorage, planRecovery, Retention, Schedule } from '../../lib';
import { minimal, minimalDatabase } from '../support/configs';

const target = ObjectStorage.s3({
  bucket: 'shop-second-copy',
  region: 'eu-west-1',
  iamRoleArn: 'arn:aws:iam::123456789012:role/backup',
  immutableDays: 14,
});

/** A second copy that nothing is to be said of. */
const good: ReplicationConfig = { target, keepLonger: Duration.days(60) };
const sealed: DisasterRecoveryConfig = {
  ...minimal,
  encryption: Encryption.passphrase({ secretName: 'seal', key: 'passphrase' }),
  databases: [{ ...minimalDatabase, objective: { rpo: Duration.hours(5), rto: Duration.hours(2) } }],
};
const azure = (account: string, container: string, secretName: string): ObjectStorage =>
  ObjectStorage.azureBlob({ account, container, accountKey: { secretName } });

function findingsOf(config: DisasterRecoveryConfig): Finding[] {
  try {
    return planRecovery(config).findings;
  } catch (error) {
    if (error instanceof DisasterRecoveryError) {
      return [...error.findings];
    }
    throw error;
  }
}

/** Rules found of a second copy, beside those of the minimal config itself. */
function rules(replication: Partial<ReplicationConfig>, site: Partial<DisasterRecoveryConfig> = {}): string[] {
  const found = findingsOf({ ...sealed, ...site, replication: { ...good, ...replication } });
  return found
    .filter(({ asset, path }) => asset === 'replication' || path.startsWith('replication'))
    .map(({ rule }) => rule);
}

/** That its lifecycle rules must be applied is true of every second copy that has some. */
const ALWAYS = ['lifecycle-not-applied'];

describe('the findings of the second copy', () => {
  it('say nothing of a good one but that its lifecycle rules must be applied', () => {
    expect(rules({})).toEqual(ALWAYS);
  });

  it.each<[string, Partial<ReplicationConfig>, Partial<DisasterRecoveryConfig>, Partial<ReplicationConfig>]>([
    ['replica-is-source', { target: minimal.storage }, {}, {}],
    [
      'replica-fails-together',
      {
        target: ObjectStorage.s3({
          bucket: 'shop-second-copy',
          region: 'eu-central-1',
          iamRoleArn: 'arn:aws:iam::123456789012:role/backup',
          immutableDays: 14,
        }),
      },
      {},
      {},
    ],
    [
      'replica-identities',
      {
        target: ObjectStorage.s3({
          bucket: 'shop-second-copy',
          region: 'eu-west-1',
          iamRoleArn: 'arn:aws:iam::999999999999:role/copies',
          immutableDays: 14,
        }),
      },
      {},
      {},
    ],
    ['replica-grows', { keepLonger: undefined }, {}, {}],
    ['immutable-beyond-rule', { keepLonger: Duration.days(1), target: lockedFor(400) }, {}, { target: lockedFor(33) }],
    [
      'replica-mutable',
      {
        target: ObjectStorage.s3({
          bucket: 'shop-second-copy',
          region: 'eu-west-1',
          iamRoleArn: 'arn:aws:iam::123456789012:role/backup',
        }),
      },
      {},
      {},
    ],
    ['replica-of-nothing', { prefixes: ['orders', 'order'] }, {}, { prefixes: ['orders'] }],
    ['replica-behind-rpo', { schedule: Schedule.everyHours(3) }, {}, { schedule: Schedule.everyHours(1) }],
    [
      'replication-lag-unmet',
      { lag: Duration.hours(3), schedule: Schedule.everyHours(2) },
      {},
      { lag: Duration.hours(5), schedule: Schedule.everyHours(1) },
    ],
    ['runs-overlap', { deadline: Duration.minutes(56) }, {}, { deadline: Duration.minutes(55) }],
    [
      'run-too-long',
      { bandwidthPerSecond: Size.kibibytes(600) },
      {},
      { bandwidthPerSecond: Size.kibibytes(800), prefixes: ['orders'] },
    ],
  ])('%s', (rule, bad, site, passing) => {
    expect(rules(bad, site)).toContain(rule);
    expect(rules(passing, site)).not.toContain(rule);
  });

  it('replica-unsealed: say that others read what is not sealed', () => {
    expect(
      findingsOf({ ...sealed, encryption: Encryption.none(), replication: good }).map(({ rule }) => rule),
    ).toContain('replica-unsealed');
    expect(rules({})).not.toContain('replica-unsealed');
  });

  it('replica-credentials-shared: refuse one key for two storage accounts, and warn of one for two containers', () => {
    const first = azure('shopbackups', 'backups', 'key');
    const severities = (second: ObjectStorage): string[] =>
      findingsOf({ ...sealed, storage: first, replication: { ...good, target: second } })
        .filter(({ rule }) => rule === 'replica-credentials-shared')
        .map(({ severity }) => severity);
    expect(severities(azure('shopcopies', 'backups', 'key'))).toEqual(['error']);
    expect(severities(azure('shopbackups', 'copies', 'key'))).toEqual(['warning']);
    expect(severities(azure('shopcopies', 'backups', 'other-key'))).toEqual([]);
  });

  it('replica-missing: name the assets whose data stays with a provider', () => {
    const volumes: DisasterRecoveryConfig['volumes'] = [
      {
        name: 'files',
        objective: { rpo: Duration.hours(3), rto: Duration.hours(1) },
        claims: ['files'],
        size: Size.gibibytes(1),
        snapshotClassName: 'snapshots',
        retention: Retention.days(7),
      },
    ];
    const found = findingsOf({ ...sealed, volumes, replication: good }).find(({ rule }) => rule === 'replica-missing');
    expect(found).toMatchObject({ severity: 'warning', message: expect.stringContaining('volumes files') });
  });

  it('name path, figures and the nearest setting that works', () => {
    const found = findingsOf({
      ...sealed,
      replication: { ...good, lag: Duration.hours(3), schedule: Schedule.everyHours(2) },
    }).find(({ rule }) => rule === 'replication-lag-unmet');
    expect(found).toEqual({
      rule: 'replication-lag-unmet',
      severity: 'error',
      asset: 'replication',
      path: 'replication.schedule',
      actual: '4h 20m',
      limit: '3h',
      message: 'the second copy, made every 2 h, may be 4h 20m behind; the lag is 3h',
      fix: 'leave schedule out to have it derived, or allow a longer lag',
    });
  });
});

function lockedFor(immutableDays: number): ObjectStorage {
  return ObjectStorage.s3({
    bucket: 'shop-second-copy',
    region: 'eu-west-1',
    iamRoleArn: 'arn:aws:iam::123456789012:role/backup',
    immutableDays,
  });
}
