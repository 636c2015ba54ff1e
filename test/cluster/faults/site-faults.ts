import type { DatabasePlan } from '../../../lib';
import { until } from '../machine/run';
import { inside } from '../machine/sandbox';
import { healthy } from '../support/database';
import { list, tryKubectl } from '../support/kubectl';

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
