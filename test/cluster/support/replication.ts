import type { DatabasePlan, ReplicationPlan } from '../../../lib';
import { BARMAN_PLUGIN } from '../../../lib/database/postgres-cluster';
import { dialectOf } from '../../../lib/storage';
import { until } from '../machine/run';
import { removeCluster } from './database';
import { type Run, runToSuccess, startChanged, stepsOf } from './jobs';
import { get, kubectl, remove } from './kubectl';
import { sha256 } from './runs';
import type { Site } from './site';
import type { Store } from './store';
import { storeCredentials } from './store-credentials';

/** Slow enough that a test sees a run at work. */
const SLOW = '16k';

/** The plan of the second copy of a site that has one. */
export function replicationPlanOf({ plan }: Site): ReplicationPlan {
  if (plan.replication === undefined) {
    throw new Error(`site ${plan.site} has no second copy`);
  }
  return plan.replication;
}

/** Runs the replication to its success and returns its log. */
export function replicate({ namespace, jobName }: ReplicationPlan): Promise<string> {
  return runToSuccess(namespace, jobName);
}

/** Starts a run with little bandwidth, as the config can limit it. */
export function startSlowly({ namespace, jobName }: ReplicationPlan): Promise<Run> {
  return startChanged(namespace, jobName, (job) => {
    stepsOf(job)[0]?.env?.push({ name: 'RCLONE_BWLIMIT', value: SLOW });
  });
}

/** Kills the pod of a run as the loss of its node would, and starts no other one. */
export async function kill({ namespace, job }: Run): Promise<void> {
  await kubectl(['delete', 'job', job, '-n', namespace, '--cascade=orphan']);
  await kubectl(['delete', 'pods', '-n', namespace, '-l', `job-name=${job}`, '--grace-period=0', '--force']);
  await until('end of the killed pod', 60, async () => {
    const left = await kubectl(['get', 'pods', '-n', namespace, '-l', `job-name=${job}`, '-o', 'name']);
    return left.trim();
  });
}

/** SHA-256 of every object below a prefix, by key; computed here from the bytes that the store returns. */
export async function checksums(store: Store, prefix: string): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const key of await store.list(prefix)) {
    sums[key] = sha256(await store.read(key));
  }
  return sums;
}

/** Objects from which a Cluster of its own recovers a database with nothing but the second store. */
export async function recoveryObjects(database: DatabasePlan, plan: ReplicationPlan, name: string): Promise<unknown[]> {
  const { namespace, path, archive } = database;
  const { destinationPath } = dialectOf(plan.target).barman(path);
  const metadata = { name, namespace };
  const { spec } = await get('cluster', database.name, namespace);
  const { imageName, storage, walStorage, postgresql, resources } = spec;
  const selector = (key: string): object => ({ name, key });
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: storeCredentials(plan.target) },
    {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata,
      spec: {
        configuration: {
          destinationPath,
          azureCredentials: { storageAccount: selector('storage-account'), storageKey: selector('storage-key') },
          wal: { compression: 'gzip' },
        },
      },
    },
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata,
      spec: {
        instances: 1,
        imageName,
        storage,
        walStorage,
        resources,
        postgresql: { parameters: postgresql.parameters },
        bootstrap: { recovery: { source: 'origin' } },
        externalClusters: [
          {
            name: 'origin',
            plugin: {
              name: BARMAN_PLUGIN,
              parameters: { barmanObjectName: name, serverName: archive.serverName },
            },
          },
        ],
      },
    },
  ];
}

/** Removes what {@link recoveryObjects} made. */
export async function removeRecovery(namespace: string, name: string): Promise<void> {
  await removeCluster(name, namespace);
  await remove('objectstore', name, namespace);
  await remove('secret', name, namespace);
}
