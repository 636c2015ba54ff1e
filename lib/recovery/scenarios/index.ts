import type { RecoveryPlan } from '../../plan';
import type { Procedures } from '../procedures';
import type { Scenario } from '../scenario';
import { badBackup } from './bad-backup';
import { leakedKey } from './leaked-key';
import { lostCluster } from './lost-cluster';
import { lostDatabase } from './lost-database';
import { lostNamespace } from './lost-namespace';
import { lostRegion } from './lost-region';
import { lostRow } from './lost-row';
import { lostVolume } from './lost-volume';

/** What can happen to what a plan protects, from the smallest loss to the largest. */
export function scenariosOf(plan: RecoveryPlan, procedures: Procedures): Scenario[] {
  return [
    ...lostRow(procedures),
    ...lostDatabase(procedures),
    ...lostVolume(procedures),
    ...lostNamespace(plan, procedures),
    ...lostCluster(plan, procedures),
    ...lostRegion(plan, procedures),
    ...badBackup(plan, procedures),
    ...leakedKey(plan),
  ];
}
