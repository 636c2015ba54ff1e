import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, LifecycleConfig, LifecyclePlan, RecoveryPlan } from '../../lib';
import { LifecycleMode, ObjectStorage, planRecovery, Retention, Schedule, StorageTier } from '../../lib';
import { complete, minimal, minimalDatabase, operated, variants } from '../support/configs';
import { matchLifecycle } from '../support/lifecycle-match';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';
import { lifecycleErrors } from '../support/schema';

function planOf(lifecycle: LifecycleConfig, config: DisasterRecoveryConfig = nextgen): LifecyclePlan {
  const plan = planRecovery({ ...config, lifecycle }).lifecycle;
  if (plan === undefined) {
    throw new Error('no rules were planned');
  }
  return plan;
}

function daysOf(plan: LifecyclePlan): Record<string, number | undefined> {
  return Object.fromEntries(plan.rules.map(({ name, deleteAfterDays }) => [name, deleteAfterDays]));
}

const weekly = {
  ...minimalDatabase,
  dumps: {
    credentials: { secretName: 'dumper' },
    tiers: [{ name: 'weekly', schedule: Schedule.weeklyAt(0, '02:00'), retention: Retention.days(7) }],
  },
};

describe('generated rules', () => {
  it('are a backstop: the retention of the specification and a margin, and no deletion in the archive', () => {
    expect(daysOf(planOf({}))).toEqual({
      'postgres-daily': 30 + 90,
      'postgres-hourly': 7 + 90,
      'postgres-nextgen-postgres': undefined,
      'volumes-data': 7 + 90,
      'etcd-snapshots': 90 + 90,
      'etcd-stream': 1 + 90,
      'config-exports': 30 + 90,
      reports: 365,
    });
  });

  it('follow the margin, and the time that reports stay', () => {
    expect(daysOf(planOf({ margin: Duration.days(10), reportsFor: Duration.days(20) }))).toMatchObject({
      'postgres-daily': 40,
      reports: 20,
    });
  });

  it('never fire before the prune job, however short the margin: it may fail once and start late', () => {
    expect(daysOf(planOf({ margin: Duration.days(1) }))).toMatchObject({
      'postgres-daily': 30 + 3,
      'volumes-data': 7 + 1,
      'etcd-snapshots': 90 + 1,
      'etcd-stream': 1 + 1,
      'config-exports': 30 + 3,
    });
  });

  it('enforce the retention of the specification to the day, where jobs may not delete', () => {
    expect(daysOf(planOf({ mode: LifecycleMode.ENFORCE }))).toMatchObject({
      'postgres-daily': 30,
      'postgres-hourly': 7,
      'postgres-nextgen-postgres': undefined,
      'volumes-data': 7,
      'etcd-snapshots': 90,
      'etcd-stream': 1,
      'config-exports': 30,
    });
  });

  it('leave the newest copies of a rare tier alone even then: three weekly dumps live longer than a week', () => {
    const { rules } = planOf({ mode: LifecycleMode.ENFORCE }, { ...minimal, databases: [weekly] });
    expect(rules.find(({ prefix }) => prefix === 'orders/weekly/')?.deleteAfterDays).toBe(29);
  });

  it('cover the archives of earlier generations, which nobody removes', () => {
    const plan = planOf({}, { ...minimal, databases: [{ ...minimalDatabase, generation: 3 }] });
    expect(daysOf(plan)).toEqual({
      'orders-orders': undefined,
      'orders-orders-2': undefined,
      'orders-orders-3': undefined,
    });
    expect(plan.rules.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('nobody removes them: delete the folder by hand'),
      expect.stringContaining('nobody removes them'),
      expect.stringContaining('Barman, ObjectStore orders-store'),
    ]);
  });

  it('give uploads that never finish a week, and longer where a run may take longer', () => {
    expect(planOf({}).rules.map(({ abortUploadDays }) => abortUploadDays)).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
    const tiers = [
      { ...weekly.dumps.tiers[0], name: 'slow', retention: Retention.days(60), deadline: Duration.hours(156) },
    ];
    const database = { ...weekly, dumps: { ...weekly.dumps, tiers: tiers as typeof weekly.dumps.tiers } };
    expect(planOf({}, { ...minimal, databases: [database] }).rules[0]?.abortUploadDays).toBe(8);
  });

  it('have names of their own even where two prefixes would give one', () => {
    const databases = [
      { ...weekly, name: 'orders', path: 'a-b', dumps: { ...weekly.dumps, tiers: named('c') } },
      { ...weekly, name: 'billing', path: 'a', dumps: { ...weekly.dumps, tiers: named('b-c') } },
    ];
    const names = planOf({}, { ...minimal, databases }).rules.map(({ name }) => name);
    expect(names).toContain('a-b-c');
    expect(names).toContain('a-b-c-2');
    expect(new Set(names).size).toBe(names.length);
  });

  it('say who removes what, so that nobody takes the backstop for the retention', () => {
    expect(planOf({}).rules[0]?.reason).toBe(
      'dumps of tier daily: CronJob postgres-backup-prune removes them after 30d and keeps the newest 3 whatever their age; the rule is a backstop 90 days later',
    );
    expect(planOf({}).rules.find(({ name }) => name === 'volumes-data')?.reason).toBe(
      'records of snapshots: CronJob pv-snapshot-scheduler-prune removes them after 7d and keeps the newest 3 whatever their age; the rule is a backstop 90 days later',
    );
  });
});

function named(name: string): { name: string; schedule: Schedule; retention: Retention }[] {
  return [{ name, schedule: Schedule.dailyAt('02:00'), retention: Retention.days(30) }];
}

describe('rules of the config', () => {
  it('take the place of the generated one, and leave to it what they do not say', () => {
    const moves = [{ tier: StorageTier.COOL, after: Duration.days(1) }];
    const plan = planOf({ rules: [{ prefix: 'reports', moves }] });
    expect(plan.rules).toHaveLength(8);
    expect(plan.rules.find(({ name }) => name === 'reports')).toMatchObject({
      deleteAfterDays: 365,
      moves: [{ tier: 'cool', afterDays: 1 }],
      path: 'lifecycle.rules[0]',
    });
  });

  it('never match a neighbour whose name only starts alike', () => {
    expect(planOf({ rules: [{ prefix: 'postgres/daily' }] }).rules[0]?.prefix).toBe('postgres/daily/');
  });

  it('stand beside the generated ones, where they have another prefix', () => {
    const rules = [{ prefix: 'velero/', writtenBy: 'Velero', deleteAfter: Duration.days(20) }];
    expect(planOf({ rules }).rules.map(({ name }) => name)).toEqual([
      'postgres-daily',
      'postgres-hourly',
      'postgres-nextgen-postgres',
      'volumes-data',
      'etcd-snapshots',
      'etcd-stream',
      'config-exports',
      'reports',
      'velero',
    ]);
  });

  it('are all there is, where none are generated', () => {
    const rules = [
      { prefix: 'postgres' },
      { prefix: 'volumes' },
      { prefix: 'etcd' },
      { prefix: 'config' },
      { prefix: 'reports' },
    ];
    expect(planOf({ generate: false, rules }).rules.map(({ prefix }) => prefix)).toEqual([
      'postgres/',
      'volumes/',
      'etcd/',
      'config/',
      'reports/',
    ]);
  });
});

describe('an immutability period', () => {
  it('makes prune jobs leave failed uploads alone until they can be removed', () => {
    const plan = planRecovery({
      ...nextgen,
      storage: ObjectStorage.gcs({ bucket: 'shop', workloadIdentity: 'a@b', immutableDays: 7 }),
    });
    const abandonedAfter = ({ databases, volumes, etcd, configuration }: RecoveryPlan): (number | undefined)[] => [
      databases[0]?.dumps?.prune.abandonedAfter,
      volumes[0]?.prune.abandonedAfter,
      etcd?.prune.abandonedAfter,
      configuration?.prune.abandonedAfter,
    ];
    expect(abandonedAfter(plan)).toEqual(Array(4).fill(7 * 86400));
    // How long a stream is kept is derived, so that it follows; what is given must be right.
    expect(plan.etcd?.stream?.keepSeconds).toBe(7 * 86400);
    expect(planRecovery(nextgen).etcd?.stream?.keepSeconds).toBe(3600);
    // A snapshot lies with the provider, which knows nothing of the store's period.
    expect(plan.volumes[0]?.abandonedAfter).toBe(86400);
    expect(abandonedAfter(planRecovery(nextgen))).toEqual(Array(4).fill(86400));
  });
});

describe('what is written', () => {
  const configs: [string, DisasterRecoveryConfig][] = [
    ['the reference config', nextgen],
    ['the config with every option', complete],
    ['no dumps', { ...minimal, lifecycle: {} }],
    ['exports without a database', { ...nextgen, drills: undefined, databases: [] }],
    ['volumes alone', { ...nextgen, drills: undefined, databases: [], etcd: undefined, configuration: undefined }],
    ['etcd alone', { ...nextgen, drills: undefined, databases: [], volumes: [], configuration: undefined }],
  ];

  it.each(configs)('is what the manifests say, by the prefixes in every job and archive: %s', (_, config) => {
    const written = planRecovery(config).lifecycle?.written ?? [];
    const current = written.filter(({ remover }) => remover !== 'nobody').map(({ prefix }) => prefix);
    expect([...new Set(current)].sort()).toEqual(prefixesIn(objectsIn(render(config))));
  });
});

/** Every prefix that a job's or stream's `KEY_PREFIX` or an archive names. */
function prefixesIn(objects: readonly Manifest[]): string[] {
  const found = objects.flatMap((object) => {
    if (object.kind === 'CronJob' || object.kind === 'StatefulSet') {
      const { template } = object.kind === 'CronJob' ? object.spec.jobTemplate.spec : object.spec;
      const { initContainers = [], containers } = template.spec;
      return [...initContainers, ...containers]
        .flatMap(({ env = [] }) => env)
        .filter(({ name }) => name === 'KEY_PREFIX')
        .map(({ value }) => `${value}/`);
    }
    if (object.kind === 'Cluster') {
      const { barmanObjectName, serverName } = object.spec.plugins[0].parameters;
      const { destinationPath } = find(objects, 'ObjectStore', barmanObjectName).spec.configuration;
      const path = `${destinationPath.split('/').pop()}/${serverName}`;
      return [`${path}/base/`, `${path}/wals/`];
    }
    return [];
  });
  return [...new Set(found)].sort();
}

describe('lifecycle.json', () => {
  it.each<[string, DisasterRecoveryConfig]>([
    ['Azure', nextgen],
    ['Azure with the operator', operated],
    ...Object.entries(variants),
  ])('has the shape of the provider and matches exactly the keys that jobs write: %s', (_, config) => {
    const map = find(objectsIn(render(config)), 'ConfigMap', 'backup-lifecycle-policy');
    const policy = JSON.parse(map.data['lifecycle.json']);
    expect(lifecycleErrors(config.storage.provider, policy)).toEqual([]);
    const keys = [
      'postgres/daily/20240115T020000Z/backup.json',
      'postgres/hourly/20240115T021500Z/database.tar.gpg',
      'postgres/nextgen-postgres/base/20240115T010000/backup.info',
      'postgres/nextgen-postgres/wals/0000000100000000/000000010000000000000001.gz',
      'volumes/data/20240115T140000Z/postgres-data-pvc-data-20240115t140000z.json',
      'etcd/snapshots/20240115T140500Z/etcd.db.gpg',
      'etcd/stream/20240115T140530Z/etcd.db.gpg',
      'config/exports/20240115T060000Z/secrets.json.gpg',
      'reports/postgres/verification/20240115T060000Z/report.json',
    ];
    const found = matchLifecycle(config.storage.provider, policy, [...keys, 'postgres/daily-old/x'], 'backups');
    expect(found.keysWithoutRule).toEqual(['postgres/daily-old/x']);
    expect(found.rulesWithoutKey).toEqual([]);
  });
});

describe('apply.md', () => {
  const guideOf = (config: DisasterRecoveryConfig): string =>
    find(objectsIn(render(config)), 'ConfigMap', 'backup-lifecycle-policy').data['apply.md'];

  it('says that a ConfigMap applies nothing, and that applying replaces all rules', () => {
    expect(guideOf(nextgen)).toContain('This ConfigMap applies nothing by itself.');
    expect(guideOf(nextgen)).toContain('replaces ALL rules of the storage account nextgenbackups');
  });

  it('names the object that the operator applies', () => {
    expect(guideOf(operated)).toContain('Azure Service Operator applies the same rules');
  });
});

describe('the object of Azure Service Operator', () => {
  it('has the rules of the ConfigMap, and its owner by name', () => {
    const objects = objectsIn(render(operated));
    const policy = find(objects, 'StorageAccountsManagementPolicy', 'backup-lifecycle-policy');
    const map = find(objects, 'ConfigMap', 'backup-lifecycle-policy');
    expect(policy).toMatchObject({
      apiVersion: 'storage.azure.com/v1api20230101',
      metadata: { namespace: 'production' },
      spec: { owner: { name: 'nextgenbackups' }, policy: JSON.parse(map.data['lifecycle.json']) },
    });
  });

  it('has its owner by ARM id, in the version that the config names', () => {
    const ownerArmId = '/subscriptions/0/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/nextgenbackups';
    const operator = { ownerArmId, apiVersion: 'storage.azure.com/v20230101' };
    const objects = objectsIn(render({ ...nextgen, lifecycle: { azureServiceOperator: operator } }));
    expect(find(objects, 'StorageAccountsManagementPolicy', 'backup-lifecycle-policy')).toMatchObject({
      apiVersion: 'storage.azure.com/v20230101',
      spec: { owner: { armId: ownerArmId } },
    });
  });
});
