import { Chart, Duration, Testing } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig } from '../../lib';
import { DisasterRecoveryError, ObjectStorage, OffsiteReplication, planRecovery } from '../../lib';
import { planTable } from '../../lib/cli/plan-table';
import { complete, completeReplication, minimal, variants } from '../support/configs';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const objects = objectsIn(render(nextgen));
const everything = objectsIn(render(complete));
const podOf = (job: Manifest): Manifest['spec'] => job.spec.jobTemplate.spec.template.spec;
const environmentOf = (job: Manifest): Record<string, unknown> =>
  Object.fromEntries(
    podOf(job).containers[0].env.map(({ name, value, valueFrom }: Record<string, never>) => [name, value ?? valueFrom]),
  );
const replicationOf = (config: DisasterRecoveryConfig) => {
  const { replication } = planRecovery(config);
  if (replication === undefined) {
    throw new Error('no second copy is planned');
  }
  return replication;
};

describe('the job that copies to the second store', () => {
  const environment = environmentOf(find(objects, 'CronJob', 'backup-replication'));

  it('has the credentials of both stores, each from its own Secret', () => {
    expect(environment).toMatchObject({
      STORE: 'store:backups',
      TARGET: 'target:backups',
      RCLONE_CONFIG_STORE_ACCOUNT: 'nextgenbackups',
      RCLONE_CONFIG_STORE_KEY: { secretKeyRef: { name: 'azure-backup-credentials', key: 'storage-key' } },
      // One account may not read from the other.
      RCLONE_DISABLE: 'copy',
      RCLONE_CONFIG_TARGET_TYPE: 'azureblob',
      RCLONE_CONFIG_TARGET_ACCOUNT: 'nextgenbackupseastus',
      RCLONE_CONFIG_TARGET_KEY: { secretKeyRef: { name: 'azure-backup-credentials-eastus', key: 'storage-key' } },
      RCLONE_CONFIG_TARGET_NO_CHECK_CONTAINER: 'true',
    });
  });

  it('copies what is written, base backups listed before the WAL that they need, and not the snapshot stream', () => {
    expect(String(environment.PREFIXES).split(' ')).toEqual([
      'postgres/daily=backup.json',
      'postgres/hourly=backup.json',
      'postgres/nextgen-postgres/base=backup.info',
      'postgres/nextgen-postgres/wals=',
      'volumes/data=backup.json',
      'etcd/snapshots=backup.json',
      'config/exports=backup.json',
      'reports/postgres/verification=',
      'reports/postgres/restore-tests=',
      'reports/postgres/recoveries=',
      'reports/volumes/data/drills=',
      'reports/etcd/drills=',
    ]);
    expect(replicationOf(nextgen).leftOut).toEqual(['etcd/stream/']);
  });

  it('runs under an identity that no other job has, and that may delete nothing in the cluster', () => {
    const accounts = objects.filter(({ kind }) => kind === 'CronJob').map((job) => podOf(job).serviceAccountName);
    expect(accounts.filter((name) => name === 'backup-replication')).toHaveLength(1);
    expect(objects.filter(({ kind }) => /Role/.test(kind)).map((role) => JSON.stringify(role))).not.toContainEqual(
      expect.stringContaining('"backup-replication"'),
    );
  });

  it('takes every setting', () => {
    const job = find(everything, 'CronJob', 'second-copy');
    expect(job.metadata.namespace).toBe('shop-copies');
    expect(job.spec).toMatchObject({ schedule: '0 */12 * * *', timeZone: 'Europe/Berlin' });
    expect(job.spec.jobTemplate.spec.activeDeadlineSeconds).toBe(58 * 60);
    expect(podOf(job).serviceAccountName).toBe('copier');
    expect(environmentOf(job)).toMatchObject({
      RCLONE_BWLIMIT: `${25 * 1024 ** 2}B`,
      PREFIXES:
        'orders-path/frequent=backup.json orders-path/orders/base=backup.info orders-path/orders/wals= orders-path/orders-2/base=backup.info orders-path/orders-2/wals= etcd-path/snapshots=backup.json objects-path/exports=backup.json',
    });
  });

  it('reports a complete copy under the name of the second store, which fits into the URL of a push', () => {
    expect(environment.PUSH_URL).toMatch(
      /\/metrics\/job\/cdk8s-dr\/site\/nextgen\/namespace\/production\/target\/nextgenbackupseastus-backups$/,
    );
    expect(environment.PUSH_REPORT).toContain('\nbackup_replication_last_success_timestamp_seconds @finished@\n');
    expect(environment.PUSH_REPORT).toContain('\nbackup_replication_duration_seconds @seconds@');
  });

  it('reaches both stores and the Pushgateway, and nothing else', () => {
    const { egress } = find(everything, 'NetworkPolicy', 'second-copy').spec;
    const places = egress
      .slice(1)
      .map(({ to, ports }: Manifest['spec']) => [
        to[0].ipBlock?.cidr ?? to[0].podSelector.matchLabels['app.kubernetes.io/name'],
        ports[0].port,
      ]);
    expect(places).toEqual([
      ['10.1.2.3/32', 8443],
      ['10.7.0.0/24', 9443],
      ['169.254.169.254/32', 80],
      ['169.254.169.252/32', 988],
      ['backup-pushgateway', 9091],
    ]);
    // DNS, the stores once where both answer at the same addresses, and the Pushgateway.
    expect(find(objects, 'NetworkPolicy', 'backup-replication').spec.egress).toHaveLength(3);
  });

  it('has the identities of both stores', () => {
    expect(find(everything, 'ServiceAccount', 'copier').metadata.annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/backup',
      'iam.gke.io/gcp-service-account': 'backup@p.iam.gserviceaccount.com',
    });
  });
});

describe('the lifecycle rules of the second store', () => {
  const rulesOf = (config: DisasterRecoveryConfig) =>
    Object.fromEntries(
      (replicationOf(config).lifecycle?.rules ?? []).map(({ prefix, deleteAfterDays }) => [prefix, deleteAfterDays]),
    );

  it('keep each copy for longer than the first store does, by what was asked', () => {
    // Retention, until the prune job or Barman has surely removed it, and 60 days.
    expect(rulesOf(nextgen)).toEqual({
      'postgres/daily/': 30 + 3 + 60,
      'postgres/hourly/': 7 + 3 + 60,
      'postgres/nextgen-postgres/': 30 + 3 + 60,
      'volumes/data/': 7 + 1 + 60,
      'etcd/snapshots/': 90 + 1 + 60,
      'config/exports/': 30 + 3 + 60,
      'reports/': 365 + 60,
    });
  });

  it('are rendered for the second store, not the first', () => {
    const { data } = find(objects, 'ConfigMap', 'backup-replication-lifecycle');
    expect(data['apply.md']).toContain('storage account nextgenbackupseastus');
    expect(JSON.parse(data['lifecycle.json']).rules[0].definition.filters.prefixMatch).toEqual([
      'backups/postgres/daily/',
    ]);
  });

  it('are left out with keepLonger, and then nobody deletes', () => {
    const site = variants['s3-compatible'] ?? nextgen;
    expect(replicationOf(site).lifecycle).toBeUndefined();
    expect(objectsIn(render(site)).map(({ metadata }) => metadata.name)).not.toContain('backup-replication-lifecycle');
  });
});

describe('the lag', () => {
  it('is what a scheduled run can be late at worst', () => {
    const { run, lag } = replicationOf(nextgen);
    expect(lag).toBe(2 * 3600 + 300 + run.deadline);
    expect(run.deadline).toBeLessThanOrEqual(3300);
  });

  it('is met by the derived schedule, and by no rarer one, whatever was asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 45, max: 60 * 24 * 10 }), (minutes) => {
        const target = completeReplication.target;
        const { run, lag } = replicationOf({ ...minimal, replication: { target, lag: Duration.minutes(minutes) } });
        expect(lag).toBeLessThanOrEqual(minutes * 60);
        expect(run.startDelay + run.deadline).toBeLessThanOrEqual(run.shortestGap);
        expect(run.derived).toBe(true);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('adds to the loss of each asset, by the protection that loses the least of those that are copied', () => {
    const { offsite, lag } = replicationOf(nextgen);
    const [database, volumes, etcd, configuration] = offsite;
    expect(database).toEqual({
      asset: 'database nextgen-postgres',
      rpo: 300,
      protection: 'WAL archive + base backup',
      worstCaseLoss: 300 + lag,
    });
    expect(volumes).toEqual({ asset: 'volumes data', rpo: 1800 });
    // The stream loses less, and is not copied.
    expect(etcd).toMatchObject({ protection: 'etcd snapshots', worstCaseLoss: 900 + lag });
    expect(configuration).toMatchObject({ protection: 'export of cluster objects' });
  });

  it('stands in the plan that synth prints', () => {
    const table = planTable(planRecovery(nextgen));
    expect(table).toContain(
      'Second copy at https://nextgenbackupseastus.blob.core.windows.net/backups, hourly: at most 3h behind',
    );
    expect(table).toContain('volumes data               everything');
    expect(table).toContain('Not copied: etcd/stream/');
  });
});

describe('OffsiteReplication in a chart of your own', () => {
  it.each([
    ['with every option', complete],
    ['of the reference config', nextgen],
  ])('makes the same objects as the one config: %s', (_, config) => {
    const { replication, ...site } = config;
    const chart = new Chart(Testing.app(), 'mine');
    new OffsiteReplication(chart, 'Copies', { config: site, replication: replication ?? completeReplication });
    const name = replication?.jobName ?? 'backup-replication';
    const all = objectsIn(new Map([['storage.k8s.yaml', render(config).get('storage.k8s.yaml') ?? '']]));
    const own = all.filter(
      ({ metadata }) => metadata.name.startsWith(name) || metadata.name === replication?.serviceAccountName,
    );
    expect(JSON.parse(JSON.stringify(chart.toJson()))).toEqual(own);
    expect(own.length).toBeGreaterThanOrEqual(4);
  });

  it('throws before anything is added, when the second store is the first', () => {
    const chart = new Chart(Testing.app(), 'bad');
    const replication = { target: minimal.storage };
    expect(() => new OffsiteReplication(chart, 'Copies', { config: minimal, replication })).toThrow(
      DisasterRecoveryError,
    );
    expect(chart.toJson()).toEqual([]);
  });

  it('needs no other credentials than those of the two stores', () => {
    const target = ObjectStorage.azureBlob({
      account: 'copies',
      container: 'copies',
      accountKey: { secretName: 'copies' },
    });
    const secrets = planRecovery({ ...minimal, replication: { target, namespace: 'elsewhere' } })
      .externalReferences.filter(({ kind, namespace }) => kind === 'Secret' && namespace === 'elsewhere')
      .map(({ name, keys }) => [name, keys]);
    expect(secrets).toEqual([['copies', ['storage-key']]]);
  });
});
