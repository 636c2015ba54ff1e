export { checkData } from './check-data';
export { DATABASE_SCRIPTS, JobSteps } from './job-steps';
export type { PostgresProtectionProps } from './postgres-protection';
export { PostgresProtection, renderDatabase } from './postgres-protection';
