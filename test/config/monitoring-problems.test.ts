import { Size } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, MonitoringConfig, PushgatewayConfig } from '../../lib';
import { DisasterRecoveryError, ImageRef, planRecovery, Schedule } from '../../lib';

const M = 'monitoring';

function monitoring(changes: MonitoringConfig): DisasterRecoveryConfig {
  return { ...nextgen, monitoring: changes };
}

function gateway(changes: PushgatewayConfig): DisasterRecoveryConfig {
  return monitoring({ pushgateway: changes });
}

function errorOf(config: DisasterRecoveryConfig): DisasterRecoveryError {
  try {
    planRecovery(config);
  } catch (error) {
    if (error instanceof DisasterRecoveryError) {
      return error;
    }
    throw error;
  }
  throw new Error('the config was accepted');
}

const mistakes: [string, DisasterRecoveryConfig, string, string, string][] = [
  ['a bad namespace', monitoring({ namespace: 'My Space' }), 'name-invalid', `${M}.namespace`, 'use my-space'],
  [
    'a label key with a space',
    monitoring({ labels: { 'my release': 'x' } }),
    'label-invalid',
    `${M}.labels["my release"]`,
    'use release',
  ],
  [
    'a label value with a slash',
    monitoring({ labels: { release: 'a/b' } }),
    'label-invalid',
    `${M}.labels["release"]`,
    'selector of your Prometheus',
  ],
  [
    'a URL without a scheme',
    gateway({ url: 'pushgateway:9091' }),
    'url-invalid',
    `${M}.pushgateway.url`,
    'write it like http://pushgateway.monitoring.svc:9091',
  ],
  ['a URL without a host', gateway({ url: 'http://' }), 'url-invalid', `${M}.pushgateway.url`, 'write it like'],
  [
    'a URL with a path',
    gateway({ url: 'http://gateway.monitoring.svc:9091/metrics' }),
    'url-path',
    `${M}.pushgateway.url`,
    'use http://gateway.monitoring.svc:9091',
  ],
  [
    'a URL with a slash at its end',
    gateway({ url: 'http://gateway:9091/' }),
    'url-path',
    `${M}.pushgateway.url`,
    'use http://gateway:9091',
  ],
  [
    'storage of a Pushgateway that exists',
    gateway({ url: 'http://gateway:9091', storage: Size.gibibytes(1) }),
    'pushgateway-exists',
    `${M}.pushgateway.storage`,
    'remove storage, or url',
  ],
  [
    'a storage class of a Pushgateway that exists',
    gateway({ url: 'http://gateway:9091', storageClass: 'fast' }),
    'pushgateway-exists',
    `${M}.pushgateway.storageClass`,
    'remove storageClass, or url',
  ],
  [
    'a look into the store on a day that never comes',
    monitoring({ storeProbe: { schedule: Schedule.cron('0 0 30 2 *') } }),
    'schedule-never-runs',
    `${M}.storeProbe.schedule`,
    'use a day that each named month has',
  ],
  [
    'a volume of nothing',
    gateway({ storage: Size.kibibytes(1) }),
    'size-not-positive',
    `${M}.pushgateway.storage`,
    'use Size.gibibytes(1)',
  ],
  [
    'a bad storage class',
    gateway({ storageClass: 'Fast Disk' }),
    'name-invalid',
    `${M}.pushgateway.storageClass`,
    'use fast-disk',
  ],
  [
    'backups that are all too large',
    monitoring({ largestBackup: Size.gibibytes(0) }),
    'size-not-positive',
    `${M}.largestBackup`,
    'use Size.gibibytes(931)',
  ],
  [
    'a runbook URL without a host',
    monitoring({ runbookUrl: '/runbook' }),
    'url-invalid',
    `${M}.runbookUrl`,
    'write it like https://',
  ],
  ['a folder without a name', monitoring({ dashboardFolder: ' ' }), 'folder-empty', `${M}.dashboardFolder`, 'leave'],
  [
    'nodes without an address range',
    gateway({ nodeCidrs: [] }),
    'network-empty',
    `${M}.pushgateway.nodeCidrs`,
    'use ["0.0.0.0/0"]',
  ],
  [
    'a node address without a length',
    gateway({ nodeCidrs: ['10.0.0.7'] }),
    'network-range',
    `${M}.pushgateway.nodeCidrs[0]`,
    'use 10.0.0.7/32',
  ],
  [
    'nodes of a Pushgateway that exists',
    gateway({ url: 'http://gateway:9091', nodeCidrs: ['10.0.0.0/24'] }),
    'pushgateway-exists',
    `${M}.pushgateway.nodeCidrs`,
    'remove nodeCidrs, or url',
  ],
  [
    'a Prometheus in a bad namespace',
    monitoring({ prometheusPods: { namespace: 'My Space' } }),
    'name-invalid',
    `${M}.prometheusPods.namespace`,
    'use my-space',
  ],
  [
    'a Prometheus that any pod could be',
    monitoring({ prometheusPods: { podLabels: {} } }),
    'labels-empty',
    `${M}.prometheusPods.podLabels`,
    'leave podLabels out',
  ],
  [
    'a bad label of Prometheus',
    monitoring({ prometheusPods: { podLabels: { app: 'a b' } } }),
    'label-invalid',
    `${M}.prometheusPods.podLabels["app"]`,
    'use the value',
  ],
  [
    'kube-state-metrics in no namespace',
    monitoring({ kubeStateMetrics: { namespace: '', serviceAccountName: 'kube-state-metrics' } }),
    'name-invalid',
    `${M}.kubeStateMetrics.namespace`,
    'use name',
  ],
  [
    'kube-state-metrics with a bad ServiceAccount',
    monitoring({ kubeStateMetrics: { namespace: 'monitoring', serviceAccountName: 'Kube State' } }),
    'name-invalid',
    `${M}.kubeStateMetrics.serviceAccountName`,
    'use kube-state',
  ],
  [
    'a moving image of the Pushgateway',
    { ...monitoring({}), images: { pushgateway: ImageRef.of('prom/pushgateway:latest') } },
    'image-unpinned',
    'images.pushgateway',
    'pin the tag',
  ],
];

describe('monitoring is refused for', () => {
  it.each(mistakes)('%s', (_, config, rule, path, fix) => {
    const problem = errorOf(config).problems.find((candidate) => candidate.rule === rule && candidate.path === path);
    expect(problem, JSON.stringify(errorOf(config).problems)).toBeDefined();
    expect(problem?.fix).toContain(fix);
  });

  it('a URL with a password, which it does not repeat', () => {
    const error = errorOf(gateway({ url: 'http://user:secret@gateway:9091' }));
    expect(error.problems).toMatchObject([
      { rule: 'url-credentials', path: `${M}.pushgateway.url`, actual: 'http://...@gateway:9091' },
    ]);
    expect(error.message).not.toContain('secret');
  });
});

describe('monitoring is accepted with', () => {
  it.each([
    ['nothing given', {}],
    ['a label with a prefix', { labels: { 'example.com/team': 'backup', release: 'prometheus' } }],
    ['an empty label value', { labels: { watched: '' } }],
    ['a URL of another port', { pushgateway: { url: 'https://push.example.com:8443' } }],
    ['the smallest volume', { pushgateway: { storage: Size.mebibytes(1) } }],
    ['address ranges of nodes', { pushgateway: { nodeCidrs: ['10.0.0.0/24'] } }],
    ['a Prometheus by its labels', { prometheusPods: { podLabels: { app: 'prometheus' } } }],
    ['a storage class with dots', { pushgateway: { storageClass: 'fast.example.com' } }],
  ] satisfies [string, MonitoringConfig][])('%s', (_, config) => {
    expect(planRecovery(monitoring(config)).monitoring).toBeDefined();
  });
});

describe('monitoring with many mistakes', () => {
  it('shows all of them at once, and those of others beside them', () => {
    const config = {
      ...monitoring({ namespace: '', runbookUrl: 'runbook', pushgateway: { url: 'x', storage: Size.gibibytes(1) } }),
      volumes: (nextgen.volumes ?? []).map((volume) => ({ ...volume, schedule: Schedule.cron('hourly') })),
    };
    expect(errorOf(config).problems.map(({ path }) => path)).toEqual([
      'volumes[0].schedule',
      'monitoring.namespace',
      'monitoring.pushgateway.url',
      'monitoring.pushgateway.storage',
      'monitoring.runbookUrl',
    ]);
  });
});
