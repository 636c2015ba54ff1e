export { checkData } from './check-data';
export { appConnection, POSTGRES_PORT, serverCa } from './connection';
export { CHECK_SCRIPTS, DATABASE_SCRIPTS, JobSteps } from './job-steps';
export { DatabaseObjectStore } from './object-store';
export { archiveParameters, BARMAN_PLUGIN, bootstrapOf, clusterSpec } from './postgres-cluster';
export type { PostgresProtectionProps } from './postgres-protection';
export { PostgresProtection, renderDatabase } from './postgres-protection';
