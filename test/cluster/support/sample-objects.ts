/** Namespace of the objects below. */
export const SAMPLE_NAMESPACE = 'exported';

/** A port that nothing assigns by chance: it lies in the part of the range that the server keeps for those who choose. */
export const CHOSEN_PORT = 30042;

/** What the Secret below holds. */
export const SAMPLE_SECRET = 'hunter2 of the proving ground';

const labels = { app: 'sample' };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'none:1' }], terminationGracePeriodSeconds: 7 },
};
const RBAC = 'rbac.authorization.k8s.io';

function object(apiVersion: string, kind: string, name: string, rest: object): object {
  return { apiVersion, kind, metadata: { name, namespace: SAMPLE_NAMESPACE, labels }, ...rest };
}

/** One object at least of every namespaced kind that is exported by default; nothing of it starts a pod. */
export const SAMPLE_OBJECTS: readonly object[] = [
  object('v1', 'ConfigMap', 'settings', { data: { 'app.yaml': 'metadata:\n  creationTimestamp: null\n# Zoë\n' } }),
  object('v1', 'Secret', 'login', { type: 'Opaque', stringData: { password: SAMPLE_SECRET } }),
  object('v1', 'ServiceAccount', 'worker', { automountServiceAccountToken: false }),
  object('v1', 'Service', 'assigned', { spec: { type: 'NodePort', selector: labels, ports: [{ port: 80 }] } }),
  object('v1', 'Service', 'chosen', {
    spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, nodePort: CHOSEN_PORT }] },
  }),
  object('v1', 'Service', 'headless', { spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] } }),
  object('v1', 'PersistentVolumeClaim', 'data', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'managed-csi',
    },
  }),
  object('apps/v1', 'Deployment', 'web', { spec: { replicas: 0, selector: { matchLabels: labels }, template } }),
  object('apps/v1', 'StatefulSet', 'db', {
    spec: {
      replicas: 0,
      serviceName: 'headless',
      selector: { matchLabels: labels },
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  }),
  object('apps/v1', 'DaemonSet', 'agent', {
    spec: {
      selector: { matchLabels: labels },
      template: { ...template, spec: { ...template.spec, nodeSelector: { 'example.net/none': 'true' } } },
    },
  }),
  object('batch/v1', 'CronJob', 'nightly', {
    spec: {
      schedule: '0 3 * * *',
      suspend: true,
      jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
    },
  }),
  object('networking.k8s.io/v1', 'Ingress', 'web', {
    spec: { defaultBackend: { service: { name: 'assigned', port: { number: 80 } } } },
  }),
  object('networking.k8s.io/v1', 'NetworkPolicy', 'closed', { spec: { podSelector: {}, policyTypes: ['Ingress'] } }),
  object('policy/v1', 'PodDisruptionBudget', 'web', { spec: { minAvailable: 1, selector: { matchLabels: labels } } }),
  object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
  }),
  object(`${RBAC}/v1`, 'Role', 'reader', {
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
  }),
  object(`${RBAC}/v1`, 'RoleBinding', 'reader', {
    roleRef: { apiGroup: RBAC, kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: SAMPLE_NAMESPACE }],
  }),
];
