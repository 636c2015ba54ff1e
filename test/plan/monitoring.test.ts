import { Duration, Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, MonitoringConfig, MonitoringPlan } from '../../lib';
import { planRecovery } from '../../lib';
import { complete, minimal } from '../support/configs';

function planned(config: DisasterRecoveryConfig, changes: MonitoringConfig = {}): MonitoringPlan {
  const { monitoring } = planRecovery({ ...config, monitoring: changes });
  if (monitoring === undefined) {
    throw new Error('monitoring is not planned');
  }
  return monitoring;
}

describe('what is watched of the reference config', () => {
  const plan = planned(nextgen);

  it('is every tier whose runs report, with its CronJob and the labels of its reports', () => {
    expect(
      plan.signals.map(({ site, namespace, assetKind, asset, tier, cronJob, path }) =>
        [site, namespace, assetKind, asset, tier, cronJob, path].join(' '),
      ),
    ).toEqual([
      'nextgen production database nextgen-postgres daily postgres-backup databases[0].dumps.tiers[0].schedule',
      'nextgen production database nextgen-postgres hourly postgres-backup-hourly databases[0].dumps.tiers[1].schedule',
      'nextgen production volumes data scheduled pv-snapshot-scheduler volumes[0].schedule',
      'nextgen kube-system etcd etcd snapshots etcd-backup etcd.schedule',
      'nextgen kube-system etcd etcd stream  etcd.objective.rpo',
      'nextgen production configuration configuration exports config-backup configuration.schedule',
    ]);
  });

  it('has objectives only where these backups themselves must meet them', () => {
    expect(plan.signals.map(({ tier, rpo }) => [tier, rpo])).toEqual([
      ['daily', undefined],
      ['hourly', undefined],
      ['scheduled', 1800],
      ['snapshots', undefined],
      ['stream', 60],
      ['exports', 13 * 3600],
    ]);
  });

  it('runs as its CronJob does', () => {
    const { run } = planRecovery(nextgen).databases[0]?.dumps?.tiers[1] ?? {};
    expect(plan.signals[1]?.run).toEqual({
      description: run?.description,
      longestGap: 3600,
      startDelay: 300,
      deadline: 2340,
      toleratedFailedRuns: 1,
      worstCaseLoss: 2 * 3600 + 300 + 2340,
    });
    expect(plan.signals[1]?.worstCaseLoss).toBe(run?.worstCaseLoss);
  });

  it('takes the period of the stream for its interval', () => {
    const stream = planRecovery(nextgen).etcd?.stream;
    expect(plan.signals[4]).toMatchObject({
      worstCaseLoss: stream?.worstCaseLoss,
      run: { longestGap: stream?.period, startDelay: 0, deadline: stream?.stepDeadline, toleratedFailedRuns: 0 },
    });
  });

  it('is every job that verifies or prunes', () => {
    expect(plan.verifications).toMatchObject([
      {
        site: 'nextgen',
        namespace: 'production',
        assetKind: 'database',
        asset: 'nextgen-postgres',
        cronJob: 'postgres-backup-verify',
        run: { longestGap: 6 * 3600 },
        path: 'databases[0].dumps.verification.schedule',
      },
    ]);
    expect(plan.prunes.map(({ namespace, assetKind, cronJob, path }) => [namespace, assetKind, cronJob, path])).toEqual(
      [
        ['production', 'database', 'postgres-backup-prune', 'databases[0].dumps.pruneSchedule'],
        ['production', 'volumes', 'pv-snapshot-scheduler-prune', 'volumes[0].pruneSchedule'],
        ['kube-system', 'etcd', 'etcd-backup-prune', 'etcd.pruneSchedule'],
        ['production', 'configuration', 'config-backup-prune', 'configuration.pruneSchedule'],
      ],
    );
  });

  it('is every drill, under the namespace of its asset, wherever its job runs', () => {
    expect(
      plan.drills.map(({ namespace, assetKind, asset, drill, jobNamespace, cronJob, path }) =>
        [namespace, assetKind, asset, drill, jobNamespace, cronJob, path].join(' '),
      ),
    ).toEqual([
      'production database nextgen-postgres restore-test production postgres-restore-test drills.restoreTest.schedule',
      'production database nextgen-postgres recovery production-drill nextgen-postgres-recovery drills.recovery.schedule',
      'production volumes data snapshot-restore production data-snapshot-drill drills.snapshots.schedule',
      'kube-system etcd etcd etcd-restore kube-system etcd-backup-drill drills.etcd.schedule',
    ]);
    expect(plan.drills.map(({ rto, decides }) => [rto, decides])).toEqual([
      [900, false],
      [900, true],
      [3600, true],
      [300, true],
    ]);
    expect(plan.drills[1]).toMatchObject({
      run: { longestGap: 7 * 86400 },
      reportPrefix: 'reports/postgres/recoveries',
    });
    expect(planned(complete).drills.map(({ drill }) => drill)).toContain('failover');
  });

  it('is the WAL archive of each Cluster with its base backups', () => {
    expect(plan.archives).toMatchObject([
      {
        site: 'nextgen',
        namespace: 'production',
        cluster: 'nextgen-postgres',
        instances: 3,
        archiveTimeout: 240,
        worstCaseLoss: 300,
        rpo: 300,
        baseBackups: { longestGap: planRecovery(nextgen).databases[0]?.archive.baseBackups.longestGap },
        path: 'databases[0]',
      },
    ]);
  });

  it('is every series of volume snapshots, by the labels of its metrics', () => {
    expect(
      plan.snapshots.map(({ asset, labels, claims, rpo, path }) => ({ asset, labels, claims, rpo, path })),
    ).toEqual([
      {
        asset: 'nextgen-postgres',
        labels: { namespace: 'production', cluster: 'nextgen-postgres' },
        claims: [],
        rpo: undefined,
        path: 'databases[0].snapshots.schedule',
      },
      {
        asset: 'data',
        labels: { namespace: 'production', part_of: 'nextgen-dr', asset: 'data', tier: 'scheduled' },
        claims: ['postgres-data-pvc', 'redis-data-pvc'],
        rpo: 1800,
        path: 'volumes[0].schedule',
      },
    ]);
  });
});

describe('where runs report', () => {
  it('is a generated Pushgateway in the namespace of the site', () => {
    expect(planned(nextgen)).toMatchObject({
      namespace: 'production',
      prometheusOperator: true,
      labels: {},
      pushUrl: 'http://backup-pushgateway.production.svc:9091',
      pushPeer: {
        namespace: 'production',
        podLabels: { 'app.kubernetes.io/name': 'backup-pushgateway' },
        ports: [9091],
      },
      pushgateway: {
        name: 'backup-pushgateway',
        image: { reference: 'prom/pushgateway:v1.11.3' },
        port: 9091,
        storageBytes: 1024 ** 3,
      },
      largestBackupBytes: 931 * 1024 ** 3,
    });
    expect(planned(nextgen)).not.toHaveProperty('runbookUrl');
    expect(planned(nextgen)).not.toHaveProperty('dashboardFolder');
  });

  it('follows every setting', () => {
    const pushgateway = { storage: Size.mebibytes(200), storageClass: 'fast' };
    expect(
      planned(nextgen, {
        namespace: 'watch',
        prometheusOperator: false,
        labels: { release: 'prometheus' },
        pushgateway,
        largestBackup: Size.gibibytes(5),
        runbookUrl: 'https://runbooks.example.com',
        dashboardFolder: 'Backup',
      }),
    ).toMatchObject({
      namespace: 'watch',
      prometheusOperator: false,
      labels: { release: 'prometheus' },
      pushUrl: 'http://backup-pushgateway.watch.svc:9091',
      pushPeer: { namespace: 'watch' },
      pushgateway: { storageBytes: 200 * 1024 ** 2, storageClass: 'fast' },
      largestBackupBytes: 5 * 1024 ** 3,
      runbookUrl: 'https://runbooks.example.com',
      dashboardFolder: 'Backup',
    });
  });

  it.each([
    ['http://gateway.watch.svc:9091', { namespace: 'watch', ports: [9091] }],
    ['http://gateway.watch.svc', { namespace: 'watch', ports: [80, 9091] }],
    ['http://gateway.watch.svc.cluster.local:9095', { namespace: 'watch', ports: [9091, 9095] }],
    ['https://push.example.com', { ports: [443] }],
    ['http://10.0.0.7:9091', { ports: [9091] }],
  ])('is the given %s', (url, peer) => {
    const plan = planned(nextgen, { pushgateway: { url } });
    expect(plan.pushUrl).toBe(url);
    expect(plan.pushPeer).toEqual(peer);
    expect(plan).not.toHaveProperty('pushgateway');
  });

  it('needs its namespace and storage class, and that namespace may be restricted only as far as its pod allows', () => {
    const references = (changes: MonitoringConfig): string[] =>
      planRecovery({ ...minimal, monitoring: { namespace: 'watch', ...changes } })
        .externalReferences.filter(({ purpose }) => /monitoring|Pushgateway/.test(purpose))
        .map(({ kind, name, podSecurity }) => `${kind} ${name} ${podSecurity}`);
    expect(references({ pushgateway: { storageClass: 'fast' } })).toEqual([
      'Namespace watch restricted',
      'StorageClass fast undefined',
    ]);
    expect(references({ pushgateway: { url: 'http://gateway:9091' } })).toEqual(['Namespace watch undefined']);
  });
});

describe('a tier with an objective of its own', () => {
  it('must meet it', () => {
    const { signals } = planned(complete);
    expect(signals.find(({ tier }) => tier === 'frequent')?.rpo).toBe(Duration.hours(12).toSeconds());
  });
});

describe('a site with a database only', () => {
  it('has nothing that reports, but its archive is watched', () => {
    const plan = planned(minimal);
    expect([plan.signals, plan.verifications, plan.prunes, plan.snapshots]).toEqual([[], [], [], []]);
    expect(plan.archives).toHaveLength(1);
  });
});

describe('without monitoring', () => {
  it('nothing is watched', () => {
    expect(planRecovery(minimal)).not.toHaveProperty('monitoring');
  });
});
