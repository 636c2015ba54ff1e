import type { Manifest } from './schema';

/** Something that an object names. */
export interface Reference {
  /** `Kind namespace/name`, or `Kind name` for cluster-scoped kinds. */
  readonly id: string;
  /** Key in it, or an empty string. */
  readonly key: string;
}

/** What CloudNativePG creates for a Cluster: its authority, and the passwords of the owner and the superuser. */
const OPERATOR_MADE = /-(ca|app|superuser)$/;

/** Everything that an object refers to by name. */
export function referencesIn(object: Manifest): Reference[] {
  const { kind, metadata, spec } = object;
  const namespace = metadata.namespace ?? '';
  const found: Reference[] = namespace === '' ? [] : [{ id: `Namespace ${namespace}`, key: '' }];
  const add = (target: string, name: string | undefined, key: string = ''): void => {
    if (name !== undefined && !(target === 'Secret' && OPERATOR_MADE.test(name))) {
      found.push({ id: `${target} ${namespace}/${name}`, key });
    }
  };
  const addClusterScoped = (target: string, name: string | undefined): void => {
    if (name !== undefined) {
      found.push({ id: `${target} ${name}`, key: '' });
    }
  };
  if (kind === 'Cluster') {
    addClusterScoped('StorageClass', spec.storage.storageClass);
    addClusterScoped('StorageClass', spec.walStorage.storageClass);
    addClusterScoped('VolumeSnapshotClass', spec.backup?.volumeSnapshot?.className);
    for (const plugin of spec.plugins ?? []) {
      add('ObjectStore', plugin.parameters.barmanObjectName);
    }
    for (const { plugin } of spec.externalClusters ?? []) {
      add('ObjectStore', plugin.parameters.barmanObjectName);
    }
    const { storage, walStorage } = spec.bootstrap.recovery?.volumeSnapshots ?? {};
    add('VolumeSnapshot', storage?.name);
    add('VolumeSnapshot', walStorage?.name);
    for (const role of spec.managed?.roles ?? []) {
      add('Secret', role.passwordSecret.name, 'username');
      add('Secret', role.passwordSecret.name, 'password');
    }
  }
  if (kind === 'ObjectStore') {
    for (const credentials of ['azureCredentials', 's3Credentials', 'googleCredentials']) {
      for (const selector of Object.values(spec.configuration[credentials] ?? {}) as {
        name?: string;
        key?: string;
      }[]) {
        add('Secret', selector.name, selector.key);
      }
    }
  }
  if (kind === 'ScheduledBackup' || kind === 'Backup') {
    add('Cluster', spec.cluster.name);
  }
  if (kind === 'VolumeSnapshot') {
    addClusterScoped('VolumeSnapshotClass', spec.volumeSnapshotClassName);
    add('PersistentVolumeClaim', spec.source.persistentVolumeClaimName);
    addClusterScoped('VolumeSnapshotContent', spec.source.volumeSnapshotContentName);
  }
  if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
    const { roleRef, subjects } = object;
    found.push({ id: `${roleRef.kind} ${roleRef.kind === 'Role' ? namespace : undefined}/${roleRef.name}`, key: '' });
    for (const subject of subjects) {
      found.push({ id: `${subject.kind} ${subject.namespace}/${subject.name}`, key: '' });
    }
  }
  if (kind === 'StorageAccountsManagementPolicy') {
    add('StorageAccount', spec.owner.name);
  }
  // A drill makes a Cluster from it.
  if (kind === 'ConfigMap' && object.data['cluster.json'] !== undefined) {
    found.push(...referencesIn(JSON.parse(object.data['cluster.json'])));
  }
  // A drill makes a pod from it.
  if (kind === 'ConfigMap' && object.data['pod.json'] !== undefined) {
    podReferences(JSON.parse(object.data['pod.json']).spec, add, addClusterScoped);
  }
  if (kind === 'CronJob') {
    podReferences(spec.jobTemplate.spec.template.spec, add, addClusterScoped);
  }
  if (kind === 'PersistentVolumeClaim') {
    addClusterScoped('StorageClass', spec.storageClassName);
    add(spec.dataSource?.kind, spec.dataSource?.name);
  }
  if (kind === 'VolumeSnapshotContent') {
    found.push({ id: `VolumeSnapshot ${spec.volumeSnapshotRef.namespace}/${spec.volumeSnapshotRef.name}`, key: '' });
  }
  if (kind === 'Pod') {
    podReferences(spec, add, addClusterScoped);
  }
  if (kind === 'StatefulSet' || kind === 'Deployment' || kind === 'Job') {
    podReferences(spec.template.spec, add, addClusterScoped);
  }
  return found;
}

function podReferences(
  // biome-ignore lint/suspicious/noExplicitAny: a pod spec as rendered
  pod: any,
  add: (kind: string, name: string | undefined, key?: string) => void,
  addClusterScoped: (kind: string, name: string | undefined) => void,
): void {
  add('ServiceAccount', pod.serviceAccountName);
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    for (const { name, value, valueFrom } of container.env ?? []) {
      add('Secret', valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.key);
      if (name === 'SNAPSHOT_CLASS') {
        addClusterScoped('VolumeSnapshotClass', value);
      }
      for (const claim of name === 'CLAIMS' && value !== '' ? value.split(' ') : []) {
        add('PersistentVolumeClaim', claim);
      }
    }
  }
  for (const volume of pod.volumes) {
    add('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName);
    add('ConfigMap', volume.configMap?.name);
    for (const item of volume.secret?.items ?? []) {
      add('Secret', volume.secret.secretName, item.key);
    }
    addClusterScoped('StorageClass', volume.ephemeral?.volumeClaimTemplate.spec.storageClassName);
  }
}
