export { checkData } from './check-data';
export { DATABASE_SCRIPTS, JobSteps, POSTGRES_PORT } from './job-steps';
export { DatabaseObjectStore } from './object-store';
export { archiveParameters, BARMAN_PLUGIN, bootstrapOf, clusterSpec } from './postgres-cluster';
export type { PostgresProtectionProps } from './postgres-protection';
export { PostgresProtection, renderDatabase } from './postgres-protection';
