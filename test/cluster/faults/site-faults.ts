import type { DatabasePlan } from '../../../lib';
import { until } from '../machine/run';
import { inside } from '../machine/sandbox';
import { healthy, primaryOf } from '../support/database';
import { get, kubectl, list, tryKubectl } from '../support/kubectl';

/** Stops the API server, so that nobody gets an answer from it, for as long as something takes. */
export async function withoutApiServer<T>(work: () => Promise<T>): Promise<T> {
  await inside(['pkill', '-STOP', '-x', 'kube-apiserver']);
  try {
    return await work();
  } finally {
    await inside(['pkill', '-CONT', '-x', 'kube-apiserver']);
    await until('the API server', 60, async () => {
      const answer = await tryKubectl(['get', '--raw', '/readyz'], { timeoutSeconds: 10 });
      return answer.code === 0 ? '' : answer.err.trim() || 'no answer';
    });
  }
}

/** Kills the instance that accepts writes, as the loss of its node does. */
export async function killPrimary({ namespace, name }: DatabasePlan): Promise<string> {
  const primary = await primaryOf(namespace, name);
  await kubectl(['delete', 'pod', primary, '-n', namespace, '--grace-period=0', '--force']);
  return primary;
}

/** Waits until every instance has been started again since some moment, and all are well. */
export async function startedAgain(database: DatabasePlan, since: Date): Promise<void> {
  const { name, namespace } = database;
  await until('new start of every instance', 180, async () => {
    const pods = await list('pods', namespace, `cnpg.io/cluster=${name},cnpg.io/podRole=instance`);
    const old = pods.filter(({ status }) => {
      const begun = (status.containerStatuses ?? []).map(({ state }: ContainerStatus) => state.running?.startedAt);
      return !begun.every((time: string | undefined) => time !== undefined && new Date(time) >= since);
    });
    return old.map(({ metadata }) => metadata.name).join(', ');
  });
  await healthy(database);
}

interface ContainerStatus {
  readonly state: { readonly running?: { readonly startedAt: string } };
}

/** Waits until another instance accepts writes and all are well. */
export async function recovered(database: DatabasePlan, lost: string): Promise<void> {
  await until(
    'another primary',
    180,
    async () => {
      const { status } = await get('cluster', database.name, database.namespace);
      return status.currentPrimary !== lost && status.currentPrimary === status.targetPrimary ? '' : status.phase;
    },
    1000,
  );
  await healthy(database);
}
