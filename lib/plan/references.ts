import type { DisasterRecoveryConfig } from '../config';
import { storageSecrets } from '../storage';
import type { ExternalReference } from './external-reference';
import type { LifecyclePlan } from './lifecycle-plan';
import type { DatabasePlan } from './recovery-plan';

/** Keys of a basic-auth Secret, which is what CloudNativePG reads a role's password from. */
export const BASIC_AUTH_KEYS = { username: 'username', password: 'password' } as const;

/** What must exist in the cluster before the manifests of a database are applied. */
export function referencesOf(database: DatabasePlan, config: DisasterRecoveryConfig): ExternalReference[] {
  const { namespace, name, snapshots, dumps, cluster } = database;
  const secret = (secretName: string, keys: string[], purpose: string): ExternalReference => ({
    kind: 'Secret',
    namespace,
    name: secretName,
    keys: [...keys].sort(),
    purpose,
  });
  const references: ExternalReference[] = [
    {
      kind: 'Namespace',
      namespace: '',
      name: namespace,
      keys: [],
      purpose: `home of database ${name}`,
      podSecurity: 'restricted',
    },
    ...storageSecrets(config.storage).map((use) => secret(use.secretName, [use.key], 'object storage credentials')),
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
    const { passphraseSecret, recipientKeys } = config.encryption;
    if (passphraseSecret !== undefined) {
      references.push(secret(passphraseSecret.secretName, [passphraseSecret.key], 'seals backups'));
    }
    if (recipientKeys !== undefined) {
      references.push(secret(recipientKeys.publicKey.secretName, [recipientKeys.publicKey.key], 'seals backups'));
      references.push(secret(recipientKeys.privateKey.secretName, [recipientKeys.privateKey.key], 'opens backups'));
    }
  }
  return references;
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
