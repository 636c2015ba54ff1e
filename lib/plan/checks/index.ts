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
import { checkImmutability } from './immutability';
import type { LifecycleUnderCheck } from './lifecycle';
import {
  checkApplied,
  checkCoverage,
  checkDeletions,
  checkLastCopies,
  checkRuleCount,
  checkRulesMatch,
} from './lifecycle';
import type { ReplicationUnderCheck } from './replication';
import {
  checkCredentials,
  checkExposure,
  checkGrowth,
  checkLag,
  checkOffsite,
  checkReplicatedPrefixes,
  checkTarget,
} from './replication';
import { checkMoves } from './tiering';

export { checkConfiguration } from './configuration';
export type { DatabaseUnderCheck } from './database';
export { checkDrills } from './drills';
export { checkEtcd } from './etcd';
export type { NamedJob } from './job-names';
export { checkJobNames } from './job-names';
export type { LifecycleUnderCheck } from './lifecycle';
export { checkRpo, checkRto } from './objectives';
export type { ReplicationUnderCheck } from './replication';
export { checkControlPlane, checkSealing } from './site';
export { checkSnapshotClass } from './snapshot-classes';
export type { VolumeUnderCheck } from './volumes';
export { checkVolume } from './volumes';
export { checkImmutability };

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

const LIFECYCLE_CHECKS = [
  checkRulesMatch,
  checkCoverage,
  checkDeletions,
  checkMoves,
  checkRuleCount,
  checkLastCopies,
  checkApplied,
];

/** Runs every check of the lifecycle rules. */
export function checkLifecycle(lifecycle: LifecycleUnderCheck): Finding[] {
  return LIFECYCLE_CHECKS.flatMap((check) => check(lifecycle));
}

const REPLICATION_CHECKS = [
  checkTarget,
  checkCredentials,
  checkReplicatedPrefixes,
  checkLag,
  checkOffsite,
  checkGrowth,
  checkExposure,
];

/** Runs every check of the second copy. */
export function checkReplication(replication: ReplicationUnderCheck): Finding[] {
  return REPLICATION_CHECKS.flatMap((check) => check(replication));
}
