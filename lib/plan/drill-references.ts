import type { DisasterRecoveryConfig } from '../config';
import { jobSecrets } from '../storage';
import type { DrillsPlan } from './drill-plan';
import { allDrills } from './drill-plan';
import type { ExternalReference } from './external-reference';
import { namespaceReference, storageReferences, unsealingReferences } from './references';

/** What must exist in the cluster before the manifests of the drills are applied: they open what jobs have sealed. */
export function drillReferences(drills: DrillsPlan, config: DisasterRecoveryConfig): ExternalReference[] {
  return allDrills(drills).flatMap(({ namespace, title, asset }) => [
    { ...namespaceReference(namespace, `${title} of ${asset}`), podSecurity: 'restricted' },
    ...storageReferences(namespace, jobSecrets(config.storage)),
    ...unsealingReferences(namespace, config),
  ]);
}
