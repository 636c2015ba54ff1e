import { Yaml } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { KubeStateMetricsConfig } from '../../config';
import type { ObjectDefaults } from '../../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import { SNAPSHOT_LABELS, SNAPSHOT_METRICS } from '../../plan';

/** Name of the ConfigMap, and with the namespace of the ClusterRole. */
const NAME = 'backup-kube-state-metrics';

const SNAPSHOTS = { group: 'snapshot.storage.k8s.io', version: 'v1', kind: 'VolumeSnapshot' } as const;

/** Who reads VolumeSnapshots. */
export interface SnapshotMetricsProps {
  readonly defaults: ObjectDefaults;
  /**
   * ServiceAccount that is given the right.
   * @default - nobody
   */
  readonly kubeStateMetrics?: KubeStateMetricsConfig;
}

/** How kube-state-metrics reports VolumeSnapshots, and the right that it needs for that. */
export class SnapshotMetrics extends Construct {
  public constructor(scope: Construct, id: string, { defaults, kubeStateMetrics }: SnapshotMetricsProps) {
    super(scope, id);
    const labels = labelsFor(defaults, NAME, 'monitoring');
    const annotations = argoAnnotations(defaults, SyncWave.PREREQUISITE);
    new k8s.KubeConfigMap(this, 'Config', {
      metadata: { name: NAME, namespace: defaults.namespace, labels, annotations },
      data: { 'custom-resource-state.yaml': Yaml.stringify(CUSTOM_RESOURCE_STATE) },
    });
    // Cluster-wide names are shared with other sites; a dot is in none of their names.
    const metadata = { name: `${NAME}.${defaults.namespace}`, labels, annotations };
    new k8s.KubeClusterRole(this, 'ClusterRole', { metadata, rules: RULES });
    if (kubeStateMetrics !== undefined) {
      const { namespace, serviceAccountName } = kubeStateMetrics;
      new k8s.KubeClusterRoleBinding(this, 'ClusterRoleBinding', {
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: serviceAccountName, namespace }],
      });
    }
  }
}

/** It lists definitions to find out which version of a kind is served (kube-state-metrics docs/metrics/extend). */
const RULES = [
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['list', 'watch'] },
  { apiGroups: [SNAPSHOTS.group], resources: ['volumesnapshots'], verbs: ['list', 'watch'] },
];

const { namespace, name, claim, partOf, asset, tier, cluster } = SNAPSHOT_LABELS;

/** Config for `--custom-resource-state-config-file` (kube-state-metrics docs/metrics/extend/customresourcestate-metrics.md). */
const CUSTOM_RESOURCE_STATE = {
  kind: 'CustomResourceStateMetrics',
  spec: {
    resources: [
      {
        groupVersionKind: SNAPSHOTS,
        // Without it names begin with `kube_customresource_`.
        metricNamePrefix: '',
        labelsFromPath: {
          [namespace]: ['metadata', 'namespace'],
          [name]: ['metadata', 'name'],
          [claim]: ['spec', 'source', 'persistentVolumeClaimName'],
          [partOf]: ['metadata', 'labels', 'app.kubernetes.io/part-of'],
          [asset]: ['metadata', 'labels', 'cdk8s-dr/asset'],
          [tier]: ['metadata', 'labels', 'cdk8s-dr/tier'],
          [cluster]: ['metadata', 'labels', 'cnpg.io/cluster'],
        },
        // A snapshot that is being taken has no status yet, which is no error.
        errorLogV: 10,
        metrics: [
          gauge(SNAPSHOT_METRICS.created.name, SNAPSHOT_METRICS.created.help, { path: ['status', 'creationTime'] }),
          gauge(SNAPSHOT_METRICS.ready.name, SNAPSHOT_METRICS.ready.help, {
            path: ['status', 'readyToUse'],
            nilIsZero: true,
          }),
          gauge(SNAPSHOT_METRICS.size.name, SNAPSHOT_METRICS.size.help, { path: ['status', 'restoreSize'] }),
        ],
      },
    ],
  },
};

function gauge(metric: string, help: string, value: object): object {
  return { name: metric, help, each: { type: 'Gauge', gauge: value } };
}
