import type { DisasterRecoveryConfig } from '../config';
import { jobSecrets } from '../storage';
import type { ExternalReference } from './external-reference';
import { namespaceReference, storageReferences } from './references';
import type { OneOffSnapshotPlan, VolumePlan } from './volume-plan';

/** What must exist in the cluster before the manifests of a volume asset are applied; claims that a selector finds may come later. */
export function volumeReferences(volume: VolumePlan, config: DisasterRecoveryConfig): ExternalReference[] {
  const { namespace, name, claims, snapshotClassName } = volume;
  return [
    { ...namespaceReference(namespace, `home of volumes ${name}`), podSecurity: 'restricted' },
    ...claims.map((claim) => claimReference(namespace, claim, `volumes ${name}`)),
    classReference(snapshotClassName, `snapshots of volumes ${name}`),
    ...storageReferences(namespace, jobSecrets(config.storage)),
  ];
}

/** What a snapshot that is taken once needs. */
export function oneOffReferences({
  namespace,
  name,
  claim,
  snapshotClassName,
}: OneOffSnapshotPlan): ExternalReference[] {
  const purpose = `snapshot ${name}`;
  return [
    namespaceReference(namespace, purpose),
    claimReference(namespace, claim, purpose),
    classReference(snapshotClassName, purpose),
  ];
}

function claimReference(namespace: string, name: string, purpose: string): ExternalReference {
  return { kind: 'PersistentVolumeClaim', namespace, name, keys: [], purpose };
}

function classReference(name: string, purpose: string): ExternalReference {
  return { kind: 'VolumeSnapshotClass', namespace: '', name, keys: [], purpose };
}
