export { DATABASE_SCRIPTS } from './job-steps';
export type { PostgresProtectionProps } from './postgres-protection';
export { PostgresProtection, renderDatabase } from './postgres-protection';
