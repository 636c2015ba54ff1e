import type { ExternalReference, ObjectStorage, RecoveryPlan } from '../../../lib';
import { jobSecrets } from '../../../lib/storage';
import { CSI_DRIVER } from '../machine/csi';
import { apply, existing, remove, tryKubectl } from './kubectl';
import { storeCredentials } from './store-credentials';

/** Marks what the tests made, so that nothing of somebody else is ever taken over or deleted. */
const OWNED = 'cdk8s-dr.example/proving-ground';

/** Makes what the user of a plan must provide: exactly what its external references list, and nothing else. */
export async function provide(plan: RecoveryPlan): Promise<void> {
  // Kubernetes makes this one itself, without a Pod Security level.
  const missing = plan.externalReferences.filter(({ kind, name }) => kind !== 'Namespace' || name !== 'kube-system');
  const namespaces = missing.filter(({ kind }) => kind === 'Namespace');
  const others = missing.filter(({ kind }) => kind !== 'Namespace');
  const objects = [...namespaces, ...others].map((reference) => objectFor(reference, plan));
  await assertOurs(objects);
  // A test may have changed what it provides, to see what happens.
  await apply(objects, ['--force-conflicts']);
}

/** Makes what comes with a cluster, and not with its backups. */
export async function provideClasses(plan: RecoveryPlan): Promise<void> {
  const classes = plan.externalReferences.filter(({ kind }) => kind.endsWith('Class'));
  await apply(classes.map((reference) => objectFor(reference, plan)));
}

/** The Secrets that a plan asks for, as a safe holds them: by name, a value for each key. */
export function inSafe(plan: RecoveryPlan): Map<string, Record<string, string>> {
  const secrets = plan.externalReferences.filter(({ kind }) => kind === 'Secret');
  return new Map(secrets.map((reference) => [reference.name, valuesFor(reference, storageOf(reference, plan))]));
}

/** Removes a namespace of the tests with all that is in it. */
export async function removeNamespace(name: string): Promise<void> {
  await assertOurs([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }]);
  // Instances would first wait for their clients, and then for a last WAL segment that nothing can archive any more.
  await tryKubectl(['delete', 'clusters', '--all', '-n', name, '--ignore-not-found']);
  await tryKubectl(['delete', 'pods', '--all', '-n', name, '--grace-period=0', '--force']);
  await remove('namespace', name);
}

/** What the tests seal with. */
export const PASSPHRASE = 'correct horse battery staple';

function objectFor(reference: ExternalReference, plan: RecoveryPlan): unknown {
  const { kind, name, namespace } = reference;
  const labels = { [OWNED]: 'true' };
  switch (kind) {
    case 'Namespace':
      return { apiVersion: 'v1', kind, metadata: { name, labels: { ...labels, ...podSecurity(reference) } } };
    case 'ServiceAccount':
      return { apiVersion: 'v1', kind, metadata: { name, namespace, labels } };
    case 'Secret':
      return secretFor(reference, storageOf(reference, plan), { name, namespace, labels });
    case 'StorageClass':
      return {
        apiVersion: 'storage.k8s.io/v1',
        kind,
        // A claim that names no class gets it, as on a managed cluster.
        metadata: { name, labels, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: CSI_DRIVER,
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'WaitForFirstConsumer',
      };
    case 'VolumeSnapshotClass':
      return {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind,
        metadata: { name, labels },
        driver: CSI_DRIVER,
        deletionPolicy: 'Delete',
      };
    case 'PersistentVolumeClaim':
      return {
        apiVersion: 'v1',
        kind,
        metadata: { name, namespace, labels },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: plan.externalReferences.find((other) => other.kind === 'StorageClass')?.name,
          resources: { requests: { storage: '1Gi' } },
        },
      };
    default:
      throw new Error(`the plan asks for a ${kind} ${name}, which the proving ground cannot provide yet`);
  }
}

/** Pods above the level are turned down; templates above it, from which no test may start a pod, are told to the audit log. */
function podSecurity({ podSecurity: level = 'restricted' }: ExternalReference): Record<string, string> {
  return { 'pod-security.kubernetes.io/enforce': level, 'pod-security.kubernetes.io/audit': level };
}

/** The store whose credentials a Secret holds. */
function storageOf({ name, namespace }: ExternalReference, { storage, replication }: RecoveryPlan): ObjectStorage {
  const second = replication?.namespace === namespace ? jobSecrets(replication.target) : [];
  return second.some(({ secretName }) => secretName === name) && replication !== undefined
    ? replication.target
    : storage;
}

function secretFor(reference: ExternalReference, storage: ObjectStorage, metadata: object): unknown {
  const login = reference.keys.includes('password');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: login ? 'kubernetes.io/basic-auth' : 'Opaque',
    stringData: valuesFor(reference, storage),
  };
}

function valuesFor(reference: ExternalReference, storage: ObjectStorage): Record<string, string> {
  const values: Record<string, string> = {
    ...storeCredentials(storage),
    username: 'backup',
    password: 'for the proving ground only',
    passphrase: PASSPHRASE,
  };
  const stringData: Record<string, string> = {};
  for (const key of reference.keys) {
    const value = values[key];
    if (value === undefined) {
      throw new Error(
        `the plan asks for Secret ${reference.name} with ${key}, which the proving ground cannot provide yet`,
      );
    }
    stringData[key] = value;
  }
  return stringData;
}

/** Fails when one of some objects exists and was made by somebody else. */
async function assertOurs(objects: readonly unknown[]): Promise<void> {
  for (const { kind, metadata } of await existing(objects)) {
    if (metadata.labels?.[OWNED] !== 'true') {
      throw new Error(
        `${kind} ${metadata.name} exists in this cluster and was not made by these tests; they would change it, so they stop`,
      );
    }
  }
}
