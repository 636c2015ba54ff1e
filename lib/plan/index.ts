export { DisasterRecoveryError } from './error';
export type * from './etcd-plan';
export type { ExternalReference } from './external-reference';
export type { Finding } from './finding';
export { Severity } from './finding';
export { planRecovery } from './plan-recovery';
export type * from './recovery-plan';
export { BASIC_AUTH_KEYS } from './references';
