import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nextgen } from '../../app';
import type { DisasterRecoveryConfig, MonitoringConfig } from '../../lib';
import { PUSHGATEWAY_IMAGE, planRecovery, SNAPSHOT_METRICS } from '../../lib';
import { minimalDatabase } from '../support/configs';
import { find, objectsIn, render } from '../support/render';
import type { Manifest } from '../support/schema';

function objectsOf(changes: MonitoringConfig, site: DisasterRecoveryConfig = nextgen): Manifest[] {
  const text = render({ ...site, monitoring: changes }).get('monitoring.k8s.yaml') ?? '';
  return objectsIn(new Map([['monitoring.k8s.yaml', text]]));
}

const NAME = 'backup-pushgateway';
const objects = objectsOf({});
const twoDatabases: DisasterRecoveryConfig = {
  ...nextgen,
  databases: [...(nextgen.databases ?? []), { ...minimalDatabase, namespace: 'orders' }],
};

describe('the generated Pushgateway', () => {
  const { spec } = find(objects, 'Deployment', NAME);
  const pod = spec.template.spec;
  const [container] = pod.containers;

  it('is one, and a new pod waits until the old one has let go of the volume', () => {
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(spec.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': NAME });
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
  });

  it('keeps reports on a volume, which Argo CD never removes', () => {
    expect(container.args).toEqual([
      '--web.listen-address=:9091',
      '--persistence.file=/data/metrics.store',
      '--persistence.interval=10s',
    ]);
    expect(container.volumeMounts).toEqual([{ name: 'data', mountPath: '/data' }]);
    expect(pod.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: NAME } }]);
    const claim = find(objects, 'PersistentVolumeClaim', NAME);
    expect(claim.spec).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } });
    expect(claim.metadata.annotations).toMatchObject({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      'argocd.argoproj.io/sync-wave': '-1',
    });
  });

  it('has the volume that the config asks for', () => {
    const given = objectsOf({ pushgateway: { storageClass: 'fast' } });
    expect(find(given, 'PersistentVolumeClaim', NAME).spec.storageClassName).toBe('fast');
  });

  it('passes Pod Security restricted, with no way to the API server', () => {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: PUSHGATEWAY_IMAGE.uid,
      runAsGroup: PUSHGATEWAY_IMAGE.uid,
      fsGroup: PUSHGATEWAY_IMAGE.uid,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(Object.keys(container.resources.limits).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
    expect(Object.keys(container.resources.requests).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
  });

  it('is asked whether it is ready and healthy', () => {
    expect(container.readinessProbe.httpGet).toEqual({ path: '/-/ready', port: 'http' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: 'http' });
    expect(container.ports).toEqual([{ name: 'http', containerPort: 9091, protocol: 'TCP' }]);
  });

  it('is reached by the URL that runs report to', () => {
    const service = find(objects, 'Service', NAME);
    expect(service.spec).toEqual({
      selector: { 'app.kubernetes.io/name': NAME },
      ports: [{ name: 'http', port: 9091, protocol: 'TCP', targetPort: 'http' }],
    });
    const url = `http://${service.metadata.name}.${service.metadata.namespace}.svc:${service.spec.ports[0].port}`;
    expect(planRecovery(nextgen).monitoring?.pushUrl).toBe(url);
  });

  it('lets in the jobs that report and Prometheus, and nobody else; it reaches nobody', () => {
    const policy = find(objects, 'NetworkPolicy', NAME).spec;
    const job = { podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'cdk8s-dr' } } };
    const home = (name: string): object => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    });
    expect(policy).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/managed-by': 'cdk8s-dr', 'app.kubernetes.io/name': NAME },
      },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            { ...home('kube-system'), ...job },
            { ...home('production'), ...job },
            { ...home('production-drill'), ...job },
            // etcd's jobs come from the network of the node, which no label tells from others.
            { ipBlock: { cidr: '0.0.0.0/0' } },
            { namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } },
          ],
          ports: [{ port: 9091, protocol: 'TCP' }],
        },
      ],
    });
  });

  it.each([
    ['no address range without etcd', { ...nextgen, etcd: undefined, drills: undefined }, {}, []],
    [
      'the API servers, which run on the nodes of etcd',
      { ...nextgen, network: { apiServerCidrs: ['10.0.0.0/29'] } },
      {},
      ['10.0.0.0/29'],
    ],
    [
      'given ranges',
      nextgen,
      { pushgateway: { nodeCidrs: ['10.7.0.0/24', '10.8.0.0/24'] } },
      ['10.7.0.0/24', '10.8.0.0/24'],
    ],
  ] satisfies [string, DisasterRecoveryConfig, MonitoringConfig, string[]][])(
    'lets in %s',
    (_, site, changes, cidrs) => {
      const [rule] = find(objectsOf(changes, site), 'NetworkPolicy', NAME).spec.ingress;
      const blocks = rule.from.flatMap((peer: { ipBlock?: { cidr: string } }) => peer.ipBlock?.cidr ?? []);
      expect(blocks).toEqual(cidrs);
    },
  );

  it('lets in the Prometheus that the config names', () => {
    const given = objectsOf({ prometheusPods: { namespace: 'watch', podLabels: { app: 'prometheus' } } });
    expect(find(given, 'NetworkPolicy', NAME).spec.ingress[0].from.at(-1)).toEqual({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'watch' } },
      podSelector: { matchLabels: { app: 'prometheus' } },
    });
  });

  it('has no policy where policies are not wanted, and is not there at all where one exists', () => {
    const kinds = (changes: MonitoringConfig, site?: DisasterRecoveryConfig): string[] =>
      objectsOf(changes, site).map(({ kind }) => kind);
    expect(kinds({}, { ...nextgen, network: { policies: false } })).not.toContain('NetworkPolicy');
    const existing = kinds({ pushgateway: { url: 'http://gateway.watch.svc:9091' } });
    expect(existing).not.toContain('Deployment');
    expect(existing).not.toContain('PersistentVolumeClaim');
    expect(existing).not.toContain('Service');
    expect(existing).not.toContain('NetworkPolicy');
  });
});

describe('the PodMonitors', () => {
  it('scrape the instances of the Clusters as job postgres-backup', () => {
    expect(find(objects, 'PodMonitor', 'postgres-backup').spec).toEqual({
      namespaceSelector: { matchNames: ['production'] },
      selector: { matchLabels: { 'cnpg.io/podRole': 'instance' } },
      podTargetLabels: ['cnpg.io/cluster'],
      podMetricsEndpoints: [
        {
          port: 'metrics',
          path: '/metrics',
          interval: '30s',
          relabelings: [
            {
              sourceLabels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_label_cnpg_io_cluster'],
              regex: 'production;nextgen-postgres',
              action: 'keep',
            },
            { targetLabel: 'job', replacement: 'postgres-backup', action: 'replace' },
          ],
        },
      ],
    });
  });

  it('scrape the Pushgateway as job backup-jobs, and leave the labels of the reports alone', () => {
    expect(find(objects, 'PodMonitor', 'backup-jobs').spec).toEqual({
      namespaceSelector: { matchNames: ['production'] },
      selector: { matchLabels: { 'app.kubernetes.io/name': NAME } },
      podMetricsEndpoints: [
        {
          port: 'http',
          path: '/metrics',
          interval: '30s',
          honorLabels: true,
          relabelings: [
            { targetLabel: 'job', replacement: 'backup-jobs', action: 'replace' },
            { regex: 'pod|container|endpoint', action: 'labeldrop' },
          ],
        },
      ],
    });
  });

  it('keep Clusters of one namespace from passing for those of another', () => {
    const { spec } = find(objectsOf({}, twoDatabases), 'PodMonitor', 'postgres-backup');
    expect(spec.namespaceSelector.matchNames).toEqual(['orders', 'production']);
    expect(spec.podMetricsEndpoints[0].relabelings[0].regex).toBe('production;nextgen-postgres|orders;orders');
  });

  it('carry the labels by which the operator selects them, which win over our own', () => {
    const labels = { release: 'prometheus', 'app.kubernetes.io/part-of': 'observability' };
    for (const name of ['postgres-backup', 'backup-jobs']) {
      expect(find(objectsOf({ labels }), 'PodMonitor', name).metadata.labels).toMatchObject(labels);
    }
  });

  it('leave a Pushgateway that exists to those who run it', () => {
    const given = objectsOf({ pushgateway: { url: 'http://gateway.watch.svc:9091' } });
    expect(given.filter(({ kind }) => kind === 'PodMonitor').map(({ metadata }) => metadata.name)).toEqual([
      'postgres-backup',
    ]);
  });
});

describe('the scrape configs for a Prometheus without the operator', () => {
  const plain = objectsOf({ prometheusOperator: false });

  it('say the same in a file', () => {
    const { data } = find(plain, 'ConfigMap', 'backup-scrape-configs');
    expect(Object.keys(data)).toEqual(['backup.yaml']);
    const keep = (label: string, regex: string): object => ({ source_labels: [label], regex, action: 'keep' });
    const copy = (label: string, to: string): object => ({ source_labels: [label], target_label: to });
    expect(parse(data['backup.yaml'])).toEqual({
      scrape_configs: [
        {
          job_name: 'postgres-backup',
          scrape_interval: '30s',
          kubernetes_sd_configs: [
            {
              role: 'pod',
              namespaces: { names: ['production'] },
              selectors: [{ role: 'pod', label: 'cnpg.io/podRole=instance' }],
            },
          ],
          relabel_configs: [
            keep('__meta_kubernetes_pod_container_port_name', 'metrics'),
            copy('__meta_kubernetes_namespace', 'namespace'),
            copy('__meta_kubernetes_pod_name', 'pod'),
            {
              source_labels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_label_cnpg_io_cluster'],
              regex: 'production;nextgen-postgres',
              action: 'keep',
            },
            copy('__meta_kubernetes_pod_label_cnpg_io_cluster', 'cnpg_io_cluster'),
          ],
        },
        {
          job_name: 'backup-jobs',
          scrape_interval: '30s',
          honor_labels: true,
          kubernetes_sd_configs: [
            {
              role: 'pod',
              namespaces: { names: ['production'] },
              selectors: [{ role: 'pod', label: `app.kubernetes.io/name=${NAME}` }],
            },
          ],
          relabel_configs: [
            keep('__meta_kubernetes_pod_container_port_name', 'http'),
            copy('__meta_kubernetes_namespace', 'namespace'),
          ],
        },
      ],
    });
  });

  it('are there instead of objects of the operator', () => {
    expect(plain.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'))).toEqual([]);
    expect(objects.map(({ metadata }) => metadata.name)).not.toContain('backup-scrape-configs');
  });

  it('do not exist where there is nothing to scrape', () => {
    const { databases: _, drills: __, ...rest } = nextgen;
    const given = objectsOf({ prometheusOperator: false, pushgateway: { url: 'http://gateway:9091' } }, rest);
    expect(given.map(({ metadata }) => metadata.name)).not.toContain('backup-scrape-configs');
  });
});

describe('the metrics of volume snapshots', () => {
  const { data } = find(objects, 'ConfigMap', 'backup-kube-state-metrics');
  const config = parse(data['custom-resource-state.yaml']);
  const [resource] = config.spec.resources;

  it('are those that the plan names, without a prefix', () => {
    expect(config.kind).toBe('CustomResourceStateMetrics');
    expect(config.spec.resources).toHaveLength(1);
    expect(resource.groupVersionKind).toEqual({
      group: 'snapshot.storage.k8s.io',
      version: 'v1',
      kind: 'VolumeSnapshot',
    });
    expect(resource.metricNamePrefix).toBe('');
    expect(resource.errorLogV).toBe(10);
    expect(resource.metrics).toEqual([
      gauge('volume_snapshot_creation_timestamp', SNAPSHOT_METRICS.created.help, { path: ['status', 'creationTime'] }),
      gauge('volume_snapshot_ready_to_use', SNAPSHOT_METRICS.ready.help, {
        path: ['status', 'readyToUse'],
        nilIsZero: true,
      }),
      gauge('volume_snapshot_restore_size_bytes', SNAPSHOT_METRICS.size.help, { path: ['status', 'restoreSize'] }),
    ]);
  });

  it('have labels of the snapshot, of which those that select an asset are labels that its jobs set', () => {
    expect(resource.labelsFromPath).toEqual({
      namespace: ['metadata', 'namespace'],
      name: ['metadata', 'name'],
      claim: ['spec', 'source', 'persistentVolumeClaimName'],
      part_of: ['metadata', 'labels', 'app.kubernetes.io/part-of'],
      asset: ['metadata', 'labels', 'cdk8s-dr/asset'],
      tier: ['metadata', 'labels', 'cdk8s-dr/tier'],
      cluster: ['metadata', 'labels', 'cnpg.io/cluster'],
    });
    expect(Object.keys(resource.labelsFromPath).sort()).toEqual([...SNAPSHOT_METRICS.created.labels].sort());
    const { volumes, monitoring } = planRecovery(nextgen);
    const signal = monitoring?.snapshots.find(({ asset }) => asset === 'data');
    for (const [label, value] of Object.entries(signal?.labels ?? {})) {
      const path = resource.labelsFromPath[label];
      expect(label === 'namespace' ? volumes[0]?.namespace : volumes[0]?.labels[path[2]]).toBe(value);
    }
  });

  it('need a right that is bound only to a kube-state-metrics that the config names', () => {
    const name = 'backup-kube-state-metrics.production';
    expect(find(objects, 'ClusterRole', name).rules).toEqual([
      { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['list', 'watch'] },
      { apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots'], verbs: ['list', 'watch'] },
    ]);
    expect(objects.filter(({ kind }) => kind === 'ClusterRoleBinding')).toEqual([]);
    const kubeStateMetrics = { namespace: 'monitoring', serviceAccountName: 'kube-state-metrics' };
    const binding = find(objectsOf({ kubeStateMetrics }), 'ClusterRoleBinding', name);
    expect(binding.roleRef).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'kube-state-metrics', namespace: 'monitoring' }]);
  });

  it('are not there without volume snapshots', () => {
    const { volumes: _, oneOffSnapshots: __, snapshotClasses: ___, drills: ____, ...rest } = nextgen;
    const databases = (nextgen.databases ?? []).map(({ snapshots: _____, ...database }) => ({
      ...database,
      objective: { ...database.objective, rto: minimalDatabase.objective.rto },
    }));
    const kinds = objectsOf({}, { ...rest, databases }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(kinds.join('\n')).not.toContain('kube-state-metrics');
  });

  function gauge(name: string, help: string, value: object): object {
    return { name, help, each: { type: 'Gauge', gauge: value } };
  }
});
