import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DatabaseConfig, DisasterRecoveryConfig } from '../../lib';
import { planRecovery, Retention, Schedule } from '../../lib';
import { complete, minimal, minimalDatabase } from '../support/configs';

const credentials = { secretName: 'credentials' };

describe('the plan of the reference config', () => {
  const plan = planRecovery(nextgen);
  const [database] = plan.databases;

  it('leaves the upload its time within the RPO of 5 minutes', () => {
    expect(database?.archive).toMatchObject({ archiveTimeout: 240, uploadAllowance: 60, worstCaseLoss: 300 });
  });

  it('counts a dump as gap + failed run + late start + deadline', () => {
    const hourly = database?.dumps?.tiers.find(({ name }) => name === 'hourly')?.run;
    expect(hourly).toMatchObject({ longestGap: 3600, startDelay: 300, deadline: 2340, toleratedFailedRuns: 1 });
    expect(hourly?.worstCaseLoss).toBe(2 * 3600 + 300 + 2340);
  });

  it('adds up the restore from its parts', () => {
    const [base, snapshot] = plan.assets[0]?.protections ?? [];
    expect(base?.restore.parts.map(({ name }) => name)).toEqual(['detect', 'fetch', 'replay', 'validate']);
    expect(base?.restore).toMatchObject({ total: 695, measured: false });
    expect(snapshot?.restore).toMatchObject({ total: 370, measured: false });
  });

  it('is frozen, so that no construct can make it say something else', () => {
    expect(Object.isFrozen(plan)).toBe(true);
    expect(Object.isFrozen(database?.archive.baseBackups)).toBe(true);
  });
});

describe('derived settings', () => {
  it('are the largest that meet the objective, for any RPO', () => {
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 7200 }), (seconds) => {
        const config = {
          ...minimal,
          databases: [{ ...minimalDatabase, objective: { rpo: Duration.seconds(seconds), rto: Duration.hours(9) } }],
        };
        const archive = planRecovery(config).databases[0]?.archive;
        const timeout = archive?.archiveTimeout ?? 0;
        expect(archive?.worstCaseLoss).toBeLessThanOrEqual(seconds);
        expect(timeout === 300 || timeout + 30 + 60 > seconds).toBe(true);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('give a tier with an RPO the rarest regular schedule that meets it', () => {
    const tiers = [{ name: 'spare', rpo: Duration.hours(13), retention: Retention.days(30) }];
    const run = planRecovery({ ...minimal, databases: [{ ...minimalDatabase, dumps: { credentials, tiers } }] })
      .databases[0]?.dumps?.tiers[0]?.run;
    expect(run).toMatchObject({ cron: '0 */6 * * *', derived: true });
    expect(run?.worstCaseLoss).toBeLessThanOrEqual(13 * 3600);
  });

  it('take base backups as rarely as replay within the RTO allows', () => {
    const planned = (rto: Duration): string | undefined =>
      planRecovery({
        ...minimal,
        databases: [
          {
            ...minimalDatabase,
            size: Size.gibibytes(5),
            changePerDay: Size.gibibytes(40),
            objective: { rpo: Duration.minutes(10), rto },
          },
        ],
      }).databases[0]?.archive.baseBackups.cron;
    expect(planned(Duration.hours(8))).toBe('0 1 * * 0');
    expect(planned(Duration.minutes(20))).toBe('0 */12 * * *');
  });

  it('never ask for base backups more often than hourly: an RTO that needs them is unmet', () => {
    const objective = { rpo: Duration.minutes(10), rto: Duration.minutes(10) };
    const database = { ...minimalDatabase, size: Size.gibibytes(5), changePerDay: Size.gibibytes(180), objective };
    expect(() => planRecovery({ ...minimal, databases: [database] })).toThrow(/\[rto-unmet\][\s\S]*replay 3m 23s/);
  });

  it('size the WAL volume and the change rate from the data', () => {
    expect(planRecovery(minimal).databases[0]?.cluster.walStorageBytes).toBe(2 * 1024 ** 3);
  });
});

describe('a measured restore', () => {
  const restoreOf = (config: DisasterRecoveryConfig, asset: string, protection: string) =>
    planRecovery(config)
      .assets.find((candidate) => candidate.asset === asset)
      ?.protections.find((candidate) => candidate.protection.startsWith(protection))?.restore;

  it('replaces the estimate and is marked as measured, but for what no drill can measure', () => {
    const config = { ...minimal, databases: [{ ...minimalDatabase, measuredRestore: Duration.minutes(33) }] };
    expect(restoreOf(config, 'database orders', 'WAL')).toEqual({
      total: 300 + 1980,
      measured: true,
      parts: [
        { name: 'detect', seconds: 300 },
        { name: 'measured', seconds: 1980 },
      ],
    });
    expect(restoreOf(complete, 'etcd', 'etcd snapshot stream')).toEqual({
      total: 180 + 95 + 60,
      measured: true,
      parts: [
        { name: 'detect', seconds: 180 },
        { name: 'measured', seconds: 95 },
        { name: 'restart', seconds: 60 },
      ],
    });
  });

  it('is of one protection and leaves the others of the asset assumed', () => {
    const [database] = nextgen.databases ?? [];
    const dumps = database?.dumps && { ...database.dumps, measuredRestore: Duration.seconds(700) };
    const config = { ...nextgen, databases: [{ ...(database as DatabaseConfig), ...(dumps && { dumps }) }] };
    expect(restoreOf(config, 'database nextgen-postgres', 'dump daily')).toMatchObject({ total: 820, measured: true });
    expect(restoreOf(config, 'database nextgen-postgres', 'WAL archive + base')?.measured).toBe(false);
    expect(restoreOf(complete, 'volumes files', 'volume snapshots')).toMatchObject({
      total: 180 + 540,
      measured: true,
    });
    // Faster than was assumed, it is now held against the RTO.
    expect(planRecovery(config).drills.restoreTests[0]).toMatchObject({ planned: 820, limit: 900 });
  });

  it('that exceeds the RTO is an error, as an estimate is', () => {
    const objective = { rpo: Duration.minutes(10), rto: Duration.minutes(38) };
    const config = (seconds: number): DisasterRecoveryConfig => ({
      ...minimal,
      databases: [{ ...minimalDatabase, objective, measuredRestore: Duration.seconds(seconds) }],
    });
    expect(() => planRecovery(config(1981))).toThrow(/rto-unmet/);
    expect(planRecovery(config(1980)).assets[0]?.rto).toBe(2280);
  });
});

describe('the external references', () => {
  it('list every Secret key, class and namespace once, with what they are for', () => {
    expect(
      planRecovery(nextgen).externalReferences.map(({ kind, namespace, name, keys }) => [
        kind,
        namespace,
        name,
        keys.join(),
      ]),
    ).toEqual([
      ['Namespace', '', 'kube-system', ''],
      ['Namespace', '', 'production', ''],
      ['Namespace', '', 'production-drill', ''],
      ['PersistentVolumeClaim', 'production', 'postgres-data-pvc', ''],
      ['PersistentVolumeClaim', 'production', 'redis-data-pvc', ''],
      ['Secret', 'kube-system', 'azure-backup-credentials', 'storage-key'],
      ['Secret', 'kube-system', 'backup-encryption', 'passphrase'],
      ['Secret', 'production-drill', 'azure-backup-credentials', 'storage-account,storage-key'],
      ['Secret', 'production', 'azure-backup-credentials', 'storage-account,storage-key'],
      ['Secret', 'production', 'azure-backup-credentials-eastus', 'storage-key'],
      ['Secret', 'production', 'backup-encryption', 'passphrase'],
      ['Secret', 'production', 'postgres-credentials', 'password,username'],
      ['StorageClass', '', 'managed-csi', ''],
    ]);
  });

  it('say which Pod Security level a namespace may enforce', () => {
    const levels = planRecovery(nextgen).externalReferences.map(({ name, podSecurity }) => [name, podSecurity]);
    expect(levels.filter(([, level]) => level !== undefined)).toEqual([
      ['kube-system', 'privileged'],
      ['production', 'restricted'],
      ['production-drill', 'restricted'],
    ]);
  });

  it.each([
    ['databases', 'restricted'],
    ['volumes', 'restricted'],
    ['configuration', 'restricted'],
    ['etcd', 'privileged'],
  ] as const)('say it for %s alone: %s', (family, level) => {
    const { site, namespace, storage, encryption, assumptions } = nextgen;
    const alone = { site, namespace, storage, encryption, assumptions, [family]: nextgen[family] };
    // The runbook's namespace has no pods.
    const levels = planRecovery(alone).externalReferences.flatMap(({ podSecurity }) => podSecurity ?? []);
    expect(levels).toEqual([level]);
  });
});

describe('warnings', () => {
  it('name unsealed backups, missing dumps and missing checks, without stopping synth', () => {
    expect(planRecovery(minimal).findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
      'backups-unsealed warning',
      'dumps-missing warning',
    ]);
    const tiers = [{ name: 'daily', schedule: Schedule.dailyAt('02:00'), retention: Retention.days(30) }];
    const config = {
      ...complete,
      lifecycle: undefined,
      drills: undefined,
      replication: undefined,
      databases: [{ ...minimalDatabase, dumps: { credentials, tiers } }],
      snapshotClasses: [],
      volumes: [],
    };
    expect(planRecovery(config).findings.map(({ rule }) => rule)).toEqual(['validation-missing']);
  });
});
