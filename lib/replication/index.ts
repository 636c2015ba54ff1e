export type { OffsiteReplicationProps } from './offsite-replication';
export { OffsiteReplication, renderReplication } from './offsite-replication';
export { REPLICATION_SCRIPTS } from './replication-step';
