import { randomBytes } from 'node:crypto';
import { until } from '../machine/run';
import { get, type KubernetesObject, kubectl, list, remove, tryKubectl } from './kubectl';

/** A run of a CronJob that a test started. */
export interface Run {
  readonly namespace: string;
  readonly job: string;
}

/** Starts a run of a CronJob at once, as a person would. */
export async function start(namespace: string, cronJob: string): Promise<Run> {
  const job = newName(cronJob);
  await kubectl(['create', 'job', job, '-n', namespace, `--from=cronjob/${cronJob}`]);
  return { namespace, job };
}

/** A Job that is about to be created, as far as tests change it. */
export interface JobManifest {
  readonly metadata: { ownerReferences?: unknown };
  readonly spec: {
    activeDeadlineSeconds?: number;
    backoffLimit?: number;
    readonly template: {
      readonly spec: {
        readonly initContainers?: Step[];
        readonly containers: Step[];
        readonly volumes?: { name: string; [source: string]: unknown }[];
      };
    };
  };
}

/** A container of a run. */
export interface Step {
  readonly name: string;
  command?: string[];
  env?: { name: string; value?: string; valueFrom?: unknown }[];
  resources: { requests?: Record<string, string>; limits?: Record<string, string> };
  volumeMounts?: { name: string; mountPath: string }[];
}

/** The steps of a run in the order in which they begin. */
export function stepsOf({ spec }: JobManifest): Step[] {
  return [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];
}

/** Starts a run of a CronJob that differs from its others in what a test changes. */
export async function startChanged(
  namespace: string,
  cronJob: string,
  change: (job: JobManifest) => void,
): Promise<Run> {
  const job = newName(cronJob);
  const template = await kubectl([
    ...['create', 'job', job, '-n', namespace, `--from=cronjob/${cronJob}`],
    ...['--dry-run=client', '-o', 'json'],
  ]);
  const object = JSON.parse(template) as JobManifest;
  change(object);
  await kubectl(['create', '-f', '-'], { input: JSON.stringify(object) });
  return { namespace, job };
}

/** Sets an environment variable of every step that has it; one of them must. */
export function withVariable(variable: string, value: string): (job: JobManifest) => void {
  return (job) => {
    if (!stepsOf(job).some(({ env = [] }) => env.some(({ name }) => name === variable))) {
      throw new Error(`no step of this run has ${variable}`);
    }
    for (const step of stepsOf(job)) {
      step.env = step.env?.map((one) => (one.name === variable ? { name: variable, value } : one));
    }
  };
}

/** Waits until a run has completed with its first pod, and returns its log; a failure prints log and events. */
export async function succeeded(run: Run, timeoutSeconds = 240): Promise<string> {
  await ended(run, timeoutSeconds);
  const pods = await podsOf(run);
  if (pods.length !== 1 || pods[0]?.status.phase !== 'Succeeded') {
    throw new Error(`${run.job} should have succeeded\n${await evidence(run)}`);
  }
  const log = await logOf(run, pods[0]);
  await finish(run);
  return log;
}

/** Waits until the first pod of a run has failed, and returns its log; the retry is called off. */
export async function failed(run: Run, timeoutSeconds = 240): Promise<string> {
  await ended(run, timeoutSeconds);
  const pods = await podsOf(run);
  const lost = pods.find((pod) => pod.status.phase === 'Failed');
  if (lost === undefined) {
    throw new Error(`${run.job} should have failed\n${await evidence(run)}`);
  }
  const log = await logOf(run, lost);
  const { status } = await get('job', run.job, run.namespace);
  if (status.succeeded !== undefined) {
    throw new Error(`${run.job} reports a success\n${await evidence(run)}`);
  }
  await finish(run);
  return log;
}

/** Runs a CronJob to its success and returns its log. */
export async function runToSuccess(namespace: string, cronJob: string): Promise<string> {
  return succeeded(await start(namespace, cronJob));
}

/** Runs a CronJob that must fail and returns its log. */
export async function runToFailure(namespace: string, cronJob: string): Promise<string> {
  return failed(await start(namespace, cronJob));
}

/** Waits until the Job controller has said how a run ended, and says it. The Job stays, as those do that a schedule started. */
export async function outcome(run: Run, timeoutSeconds = 300): Promise<'Complete' | 'Failed'> {
  let ended: 'Complete' | 'Failed' | undefined;
  try {
    await until(
      `end of ${run.job}`,
      timeoutSeconds,
      async () => {
        const { status } = await get('job', run.job, run.namespace);
        const types = ((status.conditions ?? []) as { type: string; status: string }[])
          .filter((condition) => condition.status === 'True')
          .map(({ type }) => type);
        ended = types.includes('Complete') ? 'Complete' : types.includes('Failed') ? 'Failed' : undefined;
        return ended === undefined ? types.join(', ') || 'running' : '';
      },
      1000,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await evidence(run)}`);
  }
  return ended ?? 'Failed';
}

/** Runs a CronJob to its success and keeps the Job, so that its controller sees it. */
export async function complete(namespace: string, cronJob: string): Promise<void> {
  const run = await start(namespace, cronJob);
  if ((await outcome(run)) === 'Failed') {
    throw new Error(`${run.job} should have succeeded\n${await evidence(run)}`);
  }
}

/** The pods of a run, oldest first. */
export async function podsOf({ namespace, job }: Run): Promise<KubernetesObject[]> {
  const pods = await list('pods', namespace, `job-name=${job}`);
  return pods.sort((a, b) => String(a.metadata.name).localeCompare(String(b.metadata.name)));
}

/** Removes a run with its pods. */
export async function finish({ namespace, job }: Run): Promise<void> {
  await remove('job', job, namespace);
}

/** Log of every step of a run's pods, and the events about it. */
export async function evidence(run: Run): Promise<string> {
  const parts: string[] = [];
  for (const pod of await podsOf(run)) {
    parts.push(`--- pod ${pod.metadata.name}: ${[pod.status.phase, ...endsOf(pod)].join(', ')}`, await logOf(run, pod));
  }
  const events = await tryKubectl(['get', 'events', '-n', run.namespace, '--sort-by=.lastTimestamp']);
  parts.push('--- events', ...events.out.split('\n').filter((line) => line.includes(run.job)));
  return parts.join('\n');
}

/** How the steps of a pod have ended that did not end well, as the kubelet says it. */
function endsOf({ status }: KubernetesObject): string[] {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])] as {
    readonly name: string;
    readonly state: { readonly terminated?: { readonly reason: string } };
  }[];
  return statuses
    .map(({ name, state }) => `${name} ${state.terminated?.reason ?? 'Completed'}`)
    .filter((end) => !end.endsWith(' Completed'));
}

function newName(cronJob: string): string {
  return `${cronJob}-${randomBytes(3).toString('hex')}`;
}

async function ended(run: Run, timeoutSeconds: number): Promise<void> {
  try {
    await until(
      `end of ${run.job}`,
      timeoutSeconds,
      async () => {
        const phases = (await podsOf(run)).map((pod) => String(pod.status.phase));
        return phases.some((phase) => phase === 'Succeeded' || phase === 'Failed') ? '' : phases.join(', ') || 'no pod';
      },
      500,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await evidence(run)}`);
  }
}

async function logOf({ namespace }: Run, pod: KubernetesObject): Promise<string> {
  const steps = [...(pod.spec.initContainers ?? []), ...pod.spec.containers] as { name: string }[];
  const logs = await Promise.all(
    steps.map(async ({ name }) => {
      const outcome = await tryKubectl(['logs', '-n', namespace, pod.metadata.name, '-c', name]);
      const lines = outcome.code === 0 && outcome.out !== '' ? outcome.out.trimEnd().split('\n') : [];
      return lines.map((line) => `${name}: ${line}`);
    }),
  );
  return logs.flat().join('\n');
}
