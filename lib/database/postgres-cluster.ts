import { Construct } from 'constructs';
import type { ClusterSpec } from '../../imports/postgresql.cnpg.io';
import {
  Cluster,
  ClusterSpecBackupTarget,
  ClusterSpecBackupVolumeSnapshotSnapshotOwnerReference,
  ClusterSpecManagedRolesEnsure,
  ClusterSpecPostgresqlSynchronousDataDurability,
  ClusterSpecPostgresqlSynchronousMethod,
  ClusterSpecPrimaryUpdateStrategy,
  ClusterSpecResourcesLimits,
  ClusterSpecResourcesRequests,
} from '../../imports/postgresql.cnpg.io';
import type { ObjectStorage } from '../config';
import { quantityOf } from '../config';
import type { ObjectDefaults } from '../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { DatabasePlan } from '../plan';
import { dialectOf } from '../storage';

/** Name of the Barman Cloud plugin in CloudNativePG. */
export const BARMAN_PLUGIN = 'barman-cloud.cloudnative-pg.io';

/** A CloudNativePG Cluster and what it archives to. */
export interface PostgresClusterProps {
  readonly defaults: ObjectDefaults;
  readonly plan: DatabasePlan;
  readonly storage: ObjectStorage;
}

/** The CloudNativePG Cluster of one database. */
export class PostgresCluster extends Construct {
  public constructor(scope: Construct, id: string, props: PostgresClusterProps) {
    super(scope, id);
    const { defaults, plan } = props;
    new Cluster(this, 'Resource', {
      metadata: {
        name: plan.name,
        namespace: defaults.namespace,
        labels: labelsFor(defaults, plan.name, 'database'),
        annotations: argoAnnotations(defaults, SyncWave.STATEFUL, true),
      },
      spec: clusterSpec(plan, props.storage),
    });
  }
}

/** The Cluster of a database as it is made anew; a recovered one differs in where its data comes from and where it archives to. */
export function clusterSpec(plan: DatabasePlan, storage: ObjectStorage): ClusterSpec {
  return {
    instances: plan.cluster.instances,
    imageName: plan.cluster.image.reference,
    primaryUpdateStrategy: ClusterSpecPrimaryUpdateStrategy.UNSUPERVISED,
    bootstrap: bootstrapOf(plan),
    ...volumes(plan),
    ...scheduling(plan),
    postgresql: postgresql(plan),
    ...roles(plan),
    ...backup(plan),
    plugins: [
      { name: BARMAN_PLUGIN, isWalArchiver: true, parameters: archiveParameters(plan, plan.archive.serverName) },
    ],
    ...identity(storage),
  };
}

/** How a Cluster is made anew. */
export function bootstrapOf({ database, owner }: DatabasePlan): NonNullable<ClusterSpec['bootstrap']> {
  return { initdb: { database, owner } };
}

/** What tells the plugin one archive from another. */
export function archiveParameters({ archive }: DatabasePlan, serverName: string): Record<string, string> {
  return { barmanObjectName: archive.objectStoreName, serverName };
}

function volumes(plan: DatabasePlan): Pick<ClusterSpec, 'storage' | 'walStorage'> {
  const { storageClass } = plan.cluster;
  return {
    storage: { size: quantityOf(plan.cluster.storageBytes), storageClass },
    walStorage: { size: quantityOf(plan.cluster.walStorageBytes), storageClass },
  };
}

function scheduling(plan: DatabasePlan): Pick<ClusterSpec, 'affinity' | 'resources'> {
  const { cpuRequest, memory, requireSeparateNodes } = plan.cluster;
  return {
    affinity: {
      enablePodAntiAffinity: true,
      podAntiAffinityType: requireSeparateNodes ? 'required' : 'preferred',
      topologyKey: 'kubernetes.io/hostname',
    },
    resources: {
      requests: {
        cpu: ClusterSpecResourcesRequests.fromString(cpuRequest),
        memory: ClusterSpecResourcesRequests.fromString(memory),
      },
      limits: { memory: ClusterSpecResourcesLimits.fromString(memory) },
    },
  };
}

function postgresql(plan: DatabasePlan): ClusterSpec['postgresql'] {
  const { parameters, synchronousStandbys } = plan.cluster;
  return {
    parameters: { ...parameters, archive_timeout: `${plan.archive.archiveTimeout}s` },
    ...(synchronousStandbys === 0
      ? {}
      : {
          synchronous: {
            method: ClusterSpecPostgresqlSynchronousMethod.ANY,
            number: synchronousStandbys,
            dataDurability: ClusterSpecPostgresqlSynchronousDataDurability.REQUIRED,
          },
        }),
  };
}

/** The role that dumps: it reads everything and can change nothing; row security would silently hide rows from it. */
function roles(plan: DatabasePlan): Pick<ClusterSpec, 'managed'> {
  if (plan.dumps === undefined) {
    return {};
  }
  return {
    managed: {
      roles: [
        {
          name: plan.dumps.username,
          ensure: ClusterSpecManagedRolesEnsure.PRESENT,
          login: true,
          bypassrls: true,
          inRoles: ['pg_read_all_data'],
          passwordSecret: { name: plan.dumps.secretName },
        },
      ],
    },
  };
}

function backup(plan: DatabasePlan): Pick<ClusterSpec, 'backup'> {
  return {
    backup: {
      target: ClusterSpecBackupTarget.PREFER_HYPHEN_STANDBY,
      ...(plan.snapshots === undefined
        ? {}
        : {
            volumeSnapshot: {
              className: plan.snapshots.className,
              online: true,
              snapshotOwnerReference: ClusterSpecBackupVolumeSnapshotSnapshotOwnerReference.NONE,
            },
          }),
    },
  };
}

function identity(storage: ObjectStorage): Pick<ClusterSpec, 'serviceAccountTemplate' | 'inheritedMetadata'> {
  const { serviceAccountAnnotations, podLabels } = dialectOf(storage);
  return {
    ...(Object.keys(serviceAccountAnnotations).length === 0
      ? {}
      : { serviceAccountTemplate: { metadata: { annotations: serviceAccountAnnotations } } }),
    ...(Object.keys(podLabels).length === 0 ? {} : { inheritedMetadata: { labels: podLabels } }),
  };
}
