import type { DisasterRecoveryConfig } from '../config';
import { jobSecrets } from '../storage';
import type { DrillsPlan } from './drill-plan';
import { allDrills } from './drill-plan';
import type { ExternalReference } from './external-reference';
import { namespaceReference, storageReferences, unsealingReferences } from './references';

/** What must exist in the cluster before the manifests of the drills are applied: they open what jobs have sealed. */
export function drillReferences(drills: DrillsPlan, config: DisasterRecoveryConfig): ExternalReference[] {
  const { restoreTests, snapshots, etcd } = drills;
  const opening = [...restoreTests, ...(etcd === undefined ? [] : [etcd])];
  return [
    ...allDrills(drills).flatMap(({ namespace, title, asset }) => [
      { ...namespaceReference(namespace, `${title} of ${asset}`), podSecurity: 'restricted' },
      ...storageReferences(namespace, jobSecrets(config.storage)),
    ]),
    ...opening.flatMap(({ namespace }) => unsealingReferences(namespace, config)),
    ...snapshots.flatMap(({ storageClassName, asset }) =>
      storageClassName === undefined
        ? []
        : [{ kind: 'StorageClass', namespace: '', name: storageClassName, keys: [], purpose: `drill of ${asset}` }],
    ),
  ];
}
