import type { DisasterRecoveryConfig, SecretKey } from '../config';
import { jobSecrets, storageSecrets } from '../storage';
import type { EtcdPlan } from './etcd-plan';
import type { ExternalReference } from './external-reference';
import type { LifecyclePlan } from './lifecycle-plan';
import type { MonitoringPlan } from './monitoring-plan';
import type { ProbePlan } from './probe-plan';
import type { ConfigurationPlan, DatabasePlan } from './recovery-plan';
import type { ReplicationPlan } from './replication-plan';

/** Keys of a basic-auth Secret, which is what CloudNativePG reads a role's password from. */
export const BASIC_AUTH_KEYS = { username: 'username', password: 'password' } as const;

/** What must exist in the cluster before the manifests of a database are applied. */
export function databaseReferences(database: DatabasePlan, config: DisasterRecoveryConfig): ExternalReference[] {
  const { namespace, name, snapshots, dumps, cluster } = database;
  const secret = (secretName: string, keys: string[], purpose: string): ExternalReference =>
    secretReference(namespace, secretName, keys, purpose);
  const references: ExternalReference[] = [
    { ...namespaceReference(namespace, `home of database ${name}`), podSecurity: 'restricted' },
    ...storageReferences(namespace, storageSecrets(config.storage)),
  ];
  if (cluster.storageClass !== undefined) {
    references.push({
      kind: 'StorageClass',
      namespace: '',
      name: cluster.storageClass,
      keys: [],
      purpose: `volumes of database ${name}`,
    });
  }
  if (snapshots !== undefined) {
    references.push({
      kind: 'VolumeSnapshotClass',
      namespace: '',
      name: snapshots.className,
      keys: [],
      purpose: `snapshots of database ${name}`,
    });
  }
  if (dumps !== undefined) {
    references.push(
      secret(dumps.secretName, Object.values(BASIC_AUTH_KEYS), `role ${dumps.username} of database ${name}`),
    );
    if (dumps.workspaceStorageClass !== undefined) {
      references.push({
        kind: 'StorageClass',
        namespace: '',
        name: dumps.workspaceStorageClass,
        keys: [],
        purpose: `workspace of jobs of ${name}`,
      });
    }
    references.push(...sealingReferences(namespace, config));
    references.push(...unsealingReferences(namespace, config));
  }
  return references;
}

/** What must exist in the cluster before the manifests of the export of cluster objects are applied. */
export function configurationReferences(
  configuration: ConfigurationPlan,
  config: DisasterRecoveryConfig,
): ExternalReference[] {
  const { namespace, exportedNamespaces } = configuration;
  return [
    { ...namespaceReference(namespace, 'home of the export of cluster objects'), podSecurity: 'restricted' },
    ...exportedNamespaces.map((name) => namespaceReference(name, 'its objects are exported')),
    ...storageReferences(namespace, jobSecrets(config.storage)),
    ...sealingReferences(namespace, config),
  ];
}

/** What must exist in the cluster before the manifests of etcd's snapshots are applied. */
export function etcdReferences({ namespace }: EtcdPlan, config: DisasterRecoveryConfig): ExternalReference[] {
  return [
    // Folders and the network of the node are forbidden by every stricter level.
    { ...namespaceReference(namespace, 'home of the etcd snapshot jobs'), podSecurity: 'privileged' },
    ...storageReferences(namespace, jobSecrets(config.storage)),
    ...sealingReferences(namespace, config),
  ];
}

/** What must exist before the manifests of the lifecycle rules are applied. */
export function lifecycleReferences(lifecycle: LifecyclePlan | undefined): ExternalReference[] {
  if (lifecycle === undefined) {
    return [];
  }
  const { namespace, azureServiceOperator } = lifecycle;
  const owner = azureServiceOperator?.ownerName;
  return [
    { kind: 'Namespace', namespace: '', name: namespace, keys: [], purpose: 'home of the lifecycle rules' },
    ...(owner === undefined
      ? []
      : [{ kind: 'StorageAccount', namespace, name: owner, keys: [], purpose: 'owns the lifecycle policy' }]),
  ];
}

/** What must exist before the manifests of monitoring are applied. */
export function monitoringReferences(
  monitoring: MonitoringPlan | undefined,
  config: DisasterRecoveryConfig,
): ExternalReference[] {
  if (monitoring === undefined) {
    return [];
  }
  const { namespace, pushgateway, kubeStateMetrics, probe } = monitoring;
  const home = namespaceReference(namespace, 'home of monitoring');
  const storageClass = pushgateway?.storageClass;
  return [
    pushgateway === undefined ? home : { ...home, podSecurity: 'restricted' },
    ...(storageClass === undefined
      ? []
      : [{ kind: 'StorageClass', namespace: '', name: storageClass, keys: [], purpose: 'volume of the Pushgateway' }]),
    ...(probe === undefined ? [] : probeReferences(probe, config)),
    ...(kubeStateMetrics === undefined
      ? []
      : [
          {
            kind: 'ServiceAccount',
            namespace: kubeStateMetrics.namespace,
            name: kubeStateMetrics.serviceAccountName,
            keys: [],
            purpose: 'kube-state-metrics, which reports volume snapshots',
          },
        ]),
  ];
}

/** The probe has the credentials that jobs have, and uses them to list. */
function probeReferences({ namespace }: ProbePlan, config: DisasterRecoveryConfig): ExternalReference[] {
  return [
    { ...namespaceReference(namespace, 'home of the probe of the store'), podSecurity: 'restricted' },
    ...storageReferences(namespace, jobSecrets(config.storage)),
  ];
}

/** What must exist in the cluster before the manifests of the replication are applied. */
export function replicationReferences(
  { namespace, target }: ReplicationPlan,
  config: DisasterRecoveryConfig,
): ExternalReference[] {
  const second = jobSecrets(target).map(({ secretName, key }) =>
    secretReference(namespace, secretName, [key], 'credentials of the second store'),
  );
  return [
    { ...namespaceReference(namespace, 'home of the replication'), podSecurity: 'restricted' },
    ...storageReferences(namespace, jobSecrets(config.storage)),
    ...second,
  ];
}

/** Secrets that steps need to reach the store. */
export function storageReferences(namespace: string, secrets: readonly SecretKey[]): ExternalReference[] {
  return secrets.map(({ secretName, key }) =>
    secretReference(namespace, secretName, [key], 'object storage credentials'),
  );
}

/** Jobs that make backups need the sealing half only. */
function sealingReferences(namespace: string, config: DisasterRecoveryConfig): ExternalReference[] {
  const { passphraseSecret, recipientKeys } = config.encryption;
  const key = passphraseSecret ?? recipientKeys?.publicKey;
  return key === undefined ? [] : [secretReference(namespace, key.secretName, [key.key], 'seals backups')];
}

/** Jobs that restore backups need the opening half only. */
export function unsealingReferences(namespace: string, config: DisasterRecoveryConfig): ExternalReference[] {
  const { passphraseSecret, recipientKeys } = config.encryption;
  const key = passphraseSecret ?? recipientKeys?.privateKey;
  return key === undefined ? [] : [secretReference(namespace, key.secretName, [key.key], 'opens backups')];
}

/** A namespace that must exist. */
export function namespaceReference(name: string, purpose: string): ExternalReference {
  return { kind: 'Namespace', namespace: '', name, keys: [], purpose };
}

function secretReference(namespace: string, name: string, keys: string[], purpose: string): ExternalReference {
  return { kind: 'Secret', namespace, name, keys: [...keys].sort(), purpose };
}
