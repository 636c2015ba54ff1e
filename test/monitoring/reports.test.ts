import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, MonitoringConfig } from '../../lib';
import { BACKUP_LABELS, DRILL_METRICS, planRecovery, RUN_METRICS } from '../../lib';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

const objects = objectsIn(render(nextgen));
const pods = objects
  .filter(({ kind }) => kind === 'CronJob' || kind === 'StatefulSet')
  .map(({ metadata, spec }) => ({ name: metadata.name, pod: (spec.jobTemplate?.spec ?? spec).template.spec }));

/** Steps that report, by job. */
const reports = pods.flatMap(({ name, pod }) =>
  [...(pod.initContainers ?? []), ...pod.containers].flatMap((step: Manifest) => {
    const env = Object.fromEntries(
      step.env.map((variable: { name: string; value: string }) => [variable.name, variable.value]),
    );
    return env.PUSH_URL === undefined ? [] : [{ name, step: String(step.name), env }];
  }),
);

const G = 'http://backup-pushgateway.production.svc:9091/metrics/job/cdk8s-dr/site/nextgen/namespace';

describe('a run reports', () => {
  it.each([
    ['postgres-backup', 'ship', `${G}/production/asset_kind/database/asset/nextgen-postgres/tier/daily`],
    ['postgres-backup-hourly', 'ship', `${G}/production/asset_kind/database/asset/nextgen-postgres/tier/hourly`],
    ['postgres-backup-verify', 'report', `${G}/production/asset_kind/database/asset/nextgen-postgres`],
    ['pv-snapshot-scheduler', 'conclude', `${G}/production/asset_kind/volumes/asset/data/tier/scheduled`],
    ['config-backup', 'ship', `${G}/production/asset_kind/configuration/asset/configuration/tier/exports`],
    ['etcd-backup', 'ship', `${G}/kube-system/asset_kind/etcd/asset/etcd/tier/snapshots`],
    ['etcd-snapshot-stream', 'ship', `${G}/kube-system/asset_kind/etcd/asset/etcd/tier/stream`],
    ['backup-replication', 'replicate', `${G}/production/target/nextgenbackupseastus-backups`],
    [
      'postgres-restore-test',
      'report',
      `${G}/production/asset_kind/database/asset/nextgen-postgres/drill/restore-test`,
    ],
    [
      'nextgen-postgres-recovery',
      'report',
      `${G}/production/asset_kind/database/asset/nextgen-postgres/drill/recovery`,
    ],
    ['data-snapshot-drill', 'report', `${G}/production/asset_kind/volumes/asset/data/drill/snapshot-restore`],
    ['etcd-backup-drill', 'report', `${G}/kube-system/asset_kind/etcd/asset/etcd/drill/etcd-restore`],
  ])('of %s in step %s, its last, to %s', (name, step, url) => {
    const found = reports.filter((report) => report.name === name && report.step !== 'gate');
    expect(found).toMatchObject([{ step, env: { PUSH_URL: url } }]);
    const pod = pods.find((candidate) => candidate.name === name)?.pod;
    expect(pod.containers.at(-1).name).toBe(step);
  });

  it('and nobody else does, but the step that ends a drill of etcd before no shell can', () => {
    const gates = reports.filter(({ step }) => step === 'gate');
    expect(gates.map(({ name }) => name)).toEqual(['etcd-backup-drill']);
    expect(reports).toHaveLength(12 + gates.length);
    const { PUSH_URL, PUSH_REPORT, PUSH_FAILURE } =
      reports.find(({ name, step }) => name === 'etcd-backup-drill' && step === 'report')?.env ?? {};
    expect(gates[0]?.env).toMatchObject({ PUSH_URL, PUSH_REPORT, PUSH_FAILURE });
  });

  it('under labels of its own, so that none replaces what another reported', () => {
    const urls = reports.filter(({ step }) => step !== 'gate').map(({ env }) => env.PUSH_URL);
    expect(new Set(urls).size).toBe(urls.length);
    for (const url of urls) {
      expect(url).toMatch(/^http:\/\/[a-z0-9.-]+:9091\/metrics(\/[a-z_]+\/[a-z0-9-]+)+$/);
    }
  });

  it('with every label of the metrics', () => {
    const signals = planRecovery(nextgen).monitoring?.signals ?? [];
    for (const { namespace, assetKind, asset, tier, site } of signals) {
      const values = { site, namespace, asset_kind: assetKind, asset, tier };
      const path = BACKUP_LABELS.map((label) => `${label}/${values[label]}`).join('/');
      expect(reports.filter(({ env }) => env.PUSH_URL.endsWith(`/metrics/job/cdk8s-dr/${path}`))).toHaveLength(1);
    }
  });

  it('of a backup: when, how long, how large, and how soon the next is due', () => {
    const text = (name: string): string => reports.find((report) => report.name === name)?.env.PUSH_REPORT;
    expect(text('postgres-backup-hourly')).toBe(
      [
        `# HELP backup_last_success_timestamp_seconds ${RUN_METRICS.lastSuccess.help}`,
        '# TYPE backup_last_success_timestamp_seconds gauge',
        'backup_last_success_timestamp_seconds @finished@',
        `# HELP backup_duration_seconds ${RUN_METRICS.duration.help}`,
        '# TYPE backup_duration_seconds gauge',
        'backup_duration_seconds @seconds@',
        `# HELP backup_size_bytes ${RUN_METRICS.size.help}`,
        '# TYPE backup_size_bytes gauge',
        'backup_size_bytes @bytes@',
        `# HELP backup_expected_interval_seconds ${RUN_METRICS.expectedInterval.help}`,
        '# TYPE backup_expected_interval_seconds gauge',
        'backup_expected_interval_seconds 3600',
      ].join('\n'),
    );
    expect(text('etcd-snapshot-stream')).toContain(
      `backup_expected_interval_seconds ${planRecovery(nextgen).etcd?.stream?.period}`,
    );
    expect(text('postgres-backup-verify')).toBe(
      [
        `# HELP backup_verify_last_success_timestamp_seconds ${RUN_METRICS.verifyLastSuccess.help}`,
        '# TYPE backup_verify_last_success_timestamp_seconds gauge',
        'backup_verify_last_success_timestamp_seconds @finished@',
        `# HELP backup_verify_duration_seconds ${RUN_METRICS.verifyDuration.help}`,
        '# TYPE backup_verify_duration_seconds gauge',
        'backup_verify_duration_seconds @seconds@',
      ].join('\n'),
    );
  });

  it('of a drill: what it found and when, and of a restore that was completed how long it took beside what it may', () => {
    const { PUSH_REPORT = '', PUSH_FAILURE = '' } =
      reports.find(({ name }) => name === 'postgres-restore-test')?.env ?? {};
    const values = (text: string): string[] => text.split('\n').filter((line) => !line.startsWith('#'));
    expect(values(PUSH_REPORT)).toEqual([
      'backup_drill_last_run_timestamp_seconds @finished@',
      'backup_drill_success 1',
      'backup_drill_last_success_timestamp_seconds @finished@',
      'backup_drill_restore_seconds @seconds@',
      'backup_drill_recovery_seconds @recovery@',
      'backup_drill_rto_seconds 900',
    ]);
    expect(values(PUSH_FAILURE)).toEqual([
      'backup_drill_last_run_timestamp_seconds @finished@',
      'backup_drill_success 0',
    ]);
    for (const { name, help } of Object.values(DRILL_METRICS)) {
      expect(PUSH_REPORT).toContain(`# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} `);
    }
  });

  it('beside the next snapshot, where that must not wait', () => {
    const aside = reports.filter(({ env }) => env.PUSH_ASIDE !== undefined);
    expect(aside).toMatchObject([{ name: 'etcd-snapshot-stream', env: { PUSH_ASIDE: 'true' } }]);
  });
});

describe('the network policy of a job', () => {
  const egress = (changes: MonitoringConfig | undefined, name: string): object[] => {
    const { monitoring: _, ...rest } = nextgen;
    const config: DisasterRecoveryConfig = changes === undefined ? rest : { ...rest, monitoring: changes };
    return find(objectsIn(render(config)), 'NetworkPolicy', name).spec.egress;
  };
  const home = (name: string): object => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  const to = (peer: object, ...ports: number[]): object => ({
    to: [peer],
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
  });

  it.each([
    ...['postgres-backup', 'postgres-backup-verify', 'pv-snapshot-scheduler', 'config-backup'],
    ...['postgres-restore-test', 'nextgen-postgres-recovery', 'data-snapshot-drill', 'etcd-backup-drill'],
  ])('lets %s reach the Pushgateway', (name) => {
    expect(egress({}, name)).toContainEqual(
      to(
        {
          namespaceSelector: home('production'),
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'backup-pushgateway' } },
        },
        9091,
      ),
    );
  });

  it.each(['postgres-backup-prune', 'pv-snapshot-scheduler-prune', 'config-backup-prune'])(
    'does not let %s, which reports nothing',
    (name) => {
      expect(JSON.stringify(egress({}, name))).not.toContain('9091');
    },
  );

  it.each([
    ['http://gateway.watch.svc:9095', to({ namespaceSelector: home('watch') }, 9091, 9095)],
    ['https://push.example.com', to({ ipBlock: { cidr: '0.0.0.0/0' } }, 443)],
  ])('lets jobs reach the given %s', (url, rule) => {
    expect(egress({ pushgateway: { url } }, 'postgres-backup').at(-1)).toEqual(rule);
  });

  it('lets nobody through without monitoring', () => {
    expect(JSON.stringify(egress(undefined, 'postgres-backup'))).not.toContain('9091');
  });
});

describe('without monitoring', () => {
  it('no run reports', () => {
    const { monitoring: _, ...rest } = nextgen;
    expect([...render(rest).values()].join('\n')).not.toMatch(/name: PUSH_/);
  });
});
