import type { DisasterRecoveryConfig } from '../config';
import { jobSecrets, storageSecrets } from '../storage';
import type { DrillsPlan } from './drill-plan';
import { allDrills } from './drill-plan';
import type { ExternalReference } from './external-reference';
import { namespaceReference, storageReferences, unsealingReferences } from './references';

/** What must exist in the cluster before the manifests of the drills are applied: they open what jobs have sealed. */
export function drillReferences(drills: DrillsPlan, config: DisasterRecoveryConfig): ExternalReference[] {
  const { restoreTests, snapshots, recoveries, etcd } = drills;
  const opening = [...restoreTests, ...(etcd === undefined ? [] : [etcd])];
  return [
    ...allDrills(drills).flatMap(({ namespace, title, asset }) => [
      { ...namespaceReference(namespace, `${title} of ${asset}`), podSecurity: 'restricted' },
      ...storageReferences(namespace, jobSecrets(config.storage)),
    ]),
    ...opening.flatMap(({ namespace }) => unsealingReferences(namespace, config)),
    ...recoveries.flatMap(({ namespace }) => storageReferences(namespace, storageSecrets(config.storage))),
    ...snapshots.flatMap(({ storageClassName, asset }) => storageClassReferences(storageClassName, asset)),
    ...recoveries.flatMap(({ storageClass, asset }) => storageClassReferences(storageClass, asset)),
  ];
}

function storageClassReferences(name: string | undefined, asset: string): ExternalReference[] {
  return name === undefined
    ? []
    : [{ kind: 'StorageClass', namespace: '', name, keys: [], purpose: `drill of ${asset}` }];
}
