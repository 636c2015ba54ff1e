import type { ClusterObjectsConfig } from './cluster-objects';
import type { DatabaseConfig } from './database';
import { DEFAULTS } from './defaults';
import type { RecoveryDrillConfig, RestoreTestConfig } from './drills';
import type { DumpConfig, DumpTierConfig } from './dumps';
import type { ReplicationConfig } from './replication';
import type { DisasterRecoveryConfig } from './site';
import type { VolumeConfig } from './volumes';

/** Name of a tier's CronJob. */
export function dumpJobName(database: DatabaseConfig, tier: DumpTierConfig): string {
  return tier.jobName ?? `${database.name}-dump-${tier.name}`;
}

/** Name of the verification CronJob. */
export function verifyJobName(database: DatabaseConfig, dumps: DumpConfig): string {
  return dumps.verification?.jobName ?? `${database.name}-dump-verify`;
}

/** Name of the CronJob that removes expired dumps: after the first tier's, where that has a name of its own, so that they stand together. */
export function pruneJobName(database: DatabaseConfig, dumps: DumpConfig): string {
  return `${dumps.tiers[0]?.jobName ?? `${database.name}-dump`}-prune`;
}

/** Name of the CronJob that rehearses the restore of a database's dumps. */
export function restoreTestJobName({ name }: Pick<DatabaseConfig, 'name'>, { jobName }: RestoreTestConfig): string {
  return jobName ?? `${name}-restore-test`;
}

/** Namespace of the temporary Clusters. */
export function recoveryDrillNamespace(
  { namespace }: Pick<DisasterRecoveryConfig, 'namespace'>,
  recovery: RecoveryDrillConfig,
): string {
  return recovery.namespace ?? `${namespace}-drill`;
}

/**
 * Names of the CronJob that rehearses the recovery of a database, and of the temporary Cluster. CloudNativePG gives a Cluster's own name
 * to its ServiceAccount, Role and RoleBinding, so that the job must have another.
 */
export function recoveryDrillNames({ name }: Pick<DatabaseConfig, 'name'>): {
  readonly job: string;
  readonly cluster: string;
} {
  return { job: `${name}-recovery`, cluster: `${name}-drill` };
}

/** Name of the CronJob that rehearses the failover of a database. */
export function failoverDrillName({ name }: Pick<DatabaseConfig, 'name'>): string {
  return `${name}-failover`;
}

/** Name of the CronJob that rehearses the restore of a volume asset's snapshots. */
export function snapshotDrillJobName(volume: Pick<VolumeConfig, 'name'>): string {
  return `${volume.name}-snapshot-drill`;
}

/** Every CronJob name of a database, with the path of the setting that gives it. */
export function jobNames(database: DatabaseConfig, path: string): { readonly name: string; readonly path: string }[] {
  const { dumps } = database;
  if (dumps === undefined) {
    return [];
  }
  return [
    ...dumps.tiers.map((tier, index) => ({
      name: dumpJobName(database, tier),
      path: `${path}.dumps.tiers[${index}].jobName`,
    })),
    { name: verifyJobName(database, dumps), path: `${path}.dumps.verification.jobName` },
    { name: pruneJobName(database, dumps), path: `${path}.dumps.tiers[0].jobName` },
  ];
}

/** ServiceAccount of a database's dump jobs. */
export function dumpAccountName(database: DatabaseConfig, dumps: DumpConfig): string {
  return dumps.serviceAccountName ?? `${database.name}-dump`;
}

/** Every ServiceAccount of a database's jobs. */
export function accountNames(database: DatabaseConfig): string[] {
  const { dumps } = database;
  return dumps === undefined
    ? []
    : [dumpAccountName(database, dumps), verifyJobName(database, dumps), pruneJobName(database, dumps)];
}

/** Names of the jobs that export cluster objects and prune exports, and of the exporting identity. */
export function configurationJobNames(configuration: ClusterObjectsConfig): {
  readonly export: string;
  readonly prune: string;
  readonly account: string;
} {
  const name = configuration.jobName ?? DEFAULTS.configuration.jobName;
  return { export: name, prune: `${name}-prune`, account: configuration.serviceAccountName ?? name };
}

/** First part of every key of exported cluster objects. */
export function configurationPath(configuration: ClusterObjectsConfig): string {
  return configuration.path ?? DEFAULTS.configuration.path;
}

/** Names of the jobs that take and prune snapshots, and of the identity that takes them. */
export function volumeJobNames(volume: VolumeConfig): {
  readonly snapshot: string;
  readonly prune: string;
  readonly account: string;
} {
  const name = volume.jobName ?? `${volume.name}-snapshots`;
  return { snapshot: name, prune: `${name}-prune`, account: volume.serviceAccountName ?? name };
}

/** First part of every key of the records of snapshots. */
export function volumePath(volume: VolumeConfig): string {
  return volume.path ?? DEFAULTS.volumes.path;
}

/** Names of the job that copies to the second store, and of its identity. */
export function replicationNames(replication: ReplicationConfig): { readonly job: string; readonly account: string } {
  const job = replication.jobName ?? DEFAULTS.replication.jobName;
  return { job, account: replication.serviceAccountName ?? job };
}
