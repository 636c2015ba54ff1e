import type { Finding } from '../finding';
import type { DatabaseUnderCheck } from './database';
import {
  checkDetectionBeforeExpiry,
  checkIndependentCopy,
  checkRecoveryWindow,
  checkRunsDoNotOverlap,
  checkStorageFits,
  checkTierObjectives,
  checkValidation,
} from './database';

export { checkConfiguration } from './configuration';
export type { DatabaseUnderCheck } from './database';
export { checkEtcd } from './etcd';
export { checkRpo, checkRto } from './objectives';
export { checkControlPlane, checkGenerated, checkSealing } from './site';

const DATABASE_CHECKS = [
  checkTierObjectives,
  checkDetectionBeforeExpiry,
  checkRunsDoNotOverlap,
  checkRecoveryWindow,
  checkStorageFits,
  checkValidation,
  checkIndependentCopy,
];

/** Runs every check of a database. */
export function checkDatabase(database: DatabaseUnderCheck): Finding[] {
  return DATABASE_CHECKS.flatMap((check) => check(database));
}
