import { IMAGES } from '../images';
import { apply, remove, waitForField } from './kubectl';
import { restrictedPod } from './restricted-pod';

/** Name of its pod and ServiceAccount. */
export const KUBE_STATE_METRICS = 'kube-state-metrics';

/** Port of its metrics, and of what it says of itself. */
export const METRICS_PORT = 8080;
const TELEMETRY_PORT = 8081;

/** What it may read without us: the kinds that the generated rules use series of. */
const KINDS = [
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'] },
  { apiGroups: ['apps'], resources: ['statefulsets'] },
  { apiGroups: [''], resources: ['persistentvolumeclaims'] },
];

/** A real kube-state-metrics, as its users have one, with the generated config. Its ServiceAccount is the plan's, and reads snapshots by the generated role only. */
export class KubeStateMetrics {
  private readonly clusterRole: string;

  public constructor(private readonly namespace: string) {
    this.clusterRole = `${KUBE_STATE_METRICS}.${namespace}`;
  }

  public async start(): Promise<void> {
    const { namespace, clusterRole } = this;
    const subject = { kind: 'ServiceAccount', name: KUBE_STATE_METRICS, namespace };
    await this.stop();
    await apply([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: clusterRole },
        rules: KINDS.map((kind) => ({ ...kind, verbs: ['list', 'watch'] })),
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: clusterRole },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
        subjects: [subject],
      },
      restrictedPod(KUBE_STATE_METRICS, namespace, {
        image: IMAGES.kubeStateMetrics.reference,
        args: [
          `--port=${METRICS_PORT}`,
          `--telemetry-port=${TELEMETRY_PORT}`,
          `--resources=${KINDS.flatMap(({ resources }) => resources).join(',')}`,
          '--custom-resource-state-config-file=/etc/backup/custom-resource-state.yaml',
        ],
        ready: { path: '/readyz', port: TELEMETRY_PORT },
        mounts: { '/etc/backup': { configMap: 'backup-kube-state-metrics' } },
      }),
    ]);
    await waitForField('pod', KUBE_STATE_METRICS, namespace, '.status.containerStatuses[0].ready', 'true', 120);
  }

  public async stop(): Promise<void> {
    await remove('pod', KUBE_STATE_METRICS, this.namespace);
    await remove('clusterrolebinding', this.clusterRole);
    await remove('clusterrole', this.clusterRole);
  }
}
