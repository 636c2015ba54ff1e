export { DisasterRecoveryError } from './error';
export type { ExternalReference } from './external-reference';
export type { Finding } from './finding';
export { Severity } from './finding';
export { planRecovery } from './plan-recovery';
export { planOneOffSnapshot, planSnapshotClass } from './plan-volumes';
export type * from './recovery-plan';
export { BASIC_AUTH_KEYS } from './references';
export type * from './volume-plan';
