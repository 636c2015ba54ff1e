import type { ClusterSpec, ClusterSpecBootstrapRecoveryVolumeSnapshots } from '../../../imports/postgresql.cnpg.io';
import { Backup, BackupSpecMethod, Cluster } from '../../../imports/postgresql.cnpg.io';
import { archiveParameters, BARMAN_PLUGIN, clusterSpec } from '../../database';
import { argoAnnotations, labelsFor, SyncWave } from '../../k8s';
import type { DatabasePlan, RecoveryPlan } from '../../plan';
import { manifestsOf } from '../manifests';

/** Name of the archive in the manifests of a recovered Cluster. */
const ORIGIN = 'origin';

/** Where a recovery ends; without any, at the end of the archive. At most one is given. */
export interface RecoveryTarget {
  /** RFC 3339, or PostgreSQL's text; without a zone it is UTC. */
  readonly time?: string;
  /** Position in the log, e.g. `0/3000000`. */
  readonly lsn?: string;
  /** Name of a restore point, with the id of the base backup to begin with. */
  readonly restorePoint?: { readonly name: string; readonly backupId: string };
}

/** A Cluster that is recovered. */
export interface ClusterRecovery {
  /** Name of the new Cluster. */
  readonly name: string;
  readonly target: RecoveryTarget;
  /** Backup by volume snapshot to begin with; without one the newest base backup in the object store before the target. */
  readonly snapshotBackup?: string;
  /** Whether it is only for looking: a single instance that archives nothing and takes no backups. */
  readonly readOnly: boolean;
}

/** The manifest of a recovered Cluster: that of the database, but with its data from the archive, archiving under a fresh name. */
export function recoveredCluster(site: RecoveryPlan, plan: DatabasePlan, recovery: ClusterRecovery): object[] {
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  const { plugins, managed, backup, ...spec } = clusterSpec(plan, site.storage);
  const own: Partial<ClusterSpec> = recovery.readOnly
    ? { instances: 1, postgresql: { parameters: spec.postgresql?.parameters } }
    : {
        ...{ managed, backup },
        plugins: plugins?.map((plugin) => ({
          ...plugin,
          parameters: archiveParameters(plan, plan.archive.nextServerName),
        })),
      };
  return manifestsOf((chart) => {
    new Cluster(chart, 'Cluster', {
      metadata: {
        name: recovery.name,
        namespace: plan.namespace,
        labels: labelsFor(defaults, recovery.name, recovery.readOnly ? 'restore' : 'database'),
        annotations: argoAnnotations(defaults, SyncWave.STATEFUL, !recovery.readOnly),
      },
      spec: {
        ...spec,
        ...own,
        bootstrap: {
          recovery: {
            source: ORIGIN,
            database: plan.database,
            owner: plan.owner,
            ...targetOf(recovery.target),
            ...(recovery.snapshotBackup === undefined ? {} : { volumeSnapshots: snapshotsOf(recovery.snapshotBackup) }),
          },
        },
        externalClusters: [
          {
            name: ORIGIN,
            plugin: { name: BARMAN_PLUGIN, parameters: archiveParameters(plan, plan.archive.serverName) },
          },
        ],
      },
    });
  });
}

/** The first base backup of a recovered Cluster: its fresh archive can restore nothing before it. */
export function firstBackup(site: RecoveryPlan, plan: DatabasePlan, cluster: string): object[] {
  const name = firstBackupName(plan);
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  return manifestsOf((chart) => {
    new Backup(chart, 'Backup', {
      metadata: { name, namespace: plan.namespace, labels: labelsFor(defaults, name, 'backup') },
      spec: {
        cluster: { name: cluster },
        method: BackupSpecMethod.PLUGIN,
        pluginConfiguration: { name: BARMAN_PLUGIN },
      },
    });
  });
}

/** Name of the first base backup of the next generation. */
export function firstBackupName({ archive }: DatabasePlan): string {
  return `${archive.nextServerName}-first`;
}

function targetOf({ time, lsn, restorePoint }: RecoveryTarget): object {
  if (time !== undefined) {
    return { recoveryTarget: { targetTime: time } };
  }
  if (lsn !== undefined) {
    return { recoveryTarget: { targetLsn: lsn } };
  }
  return restorePoint === undefined
    ? {}
    : { recoveryTarget: { targetName: restorePoint.name, backupId: restorePoint.backupId } };
}

/** CloudNativePG names the snapshots of a Backup after it (pkg/specs, `SnapshotBackupNameForTablespace`). */
function snapshotsOf(backup: string): ClusterSpecBootstrapRecoveryVolumeSnapshots {
  const reference = (name: string): { apiGroup: string; kind: string; name: string } => ({
    apiGroup: 'snapshot.storage.k8s.io',
    kind: 'VolumeSnapshot',
    name,
  });
  return { storage: reference(backup), walStorage: reference(`${backup}-wal`) };
}
