import { kubectl as sandboxedKubectl } from '../machine/control-plane';
import { attempt, type Outcome, PATIENCE, type RunOptions, run, until } from '../machine/run';
import { OWN_CLUSTER } from './which-cluster';

/** A Kubernetes object as the API server returns it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the kind, and tests read a few fields of many
  readonly [field: string]: any;
}

/** The command that runs kubectl on the cluster. */
export async function kubectlCommand(args: readonly string[]): Promise<string[]> {
  return OWN_CLUSTER ? sandboxedKubectl(args) : ['kubectl', ...args];
}

/** Runs kubectl and returns its output; a failure throws with what it said. */
export async function kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return run(await kubectlCommand(args), options);
}

/** Runs kubectl and returns what it did, whether it failed or not. */
export async function tryKubectl(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return attempt(await kubectlCommand(args), options);
}

/** One object. */
export async function get(kind: string, name: string, namespace = ''): Promise<KubernetesObject> {
  return JSON.parse(await kubectl(['get', kind, name, ...inNamespace(namespace), '-o', 'json'])) as KubernetesObject;
}

/** The objects that a label selector matches. */
export async function list(kind: string, namespace: string, selector = ''): Promise<KubernetesObject[]> {
  const selected = selector === '' ? [] : ['-l', selector];
  const answer = await kubectl(['get', kind, ...inNamespace(namespace), ...selected, '-o', 'json']);
  return (JSON.parse(answer) as { items: KubernetesObject[] }).items;
}

/** Those of some objects that exist, as the server has them. */
export async function existing(objects: readonly unknown[]): Promise<KubernetesObject[]> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const answer = await kubectl(['get', '--ignore-not-found', '-o', 'json', '-f', '-'], { input });
  const found = JSON.parse(answer || '{"items":[]}') as KubernetesObject;
  return found.items ?? [found];
}

/** Applies objects given as YAML or JSON; fields that the server does not know, or that somebody else has set, are errors. */
export async function apply(objects: string | readonly unknown[], flags: readonly string[] = []): Promise<void> {
  const input =
    typeof objects === 'string' ? objects : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await kubectl(['apply', '--server-side', '--validate=strict', ...flags, '-f', '-'], { input });
}

/** Deletes an object and waits until it is gone; one that is not there is no error. */
export async function remove(kind: string, name: string, namespace = ''): Promise<void> {
  await kubectl([
    'delete',
    kind,
    name,
    ...inNamespace(namespace),
    '--ignore-not-found',
    `--timeout=${180 * PATIENCE}s`,
  ]);
}

/** Waits until a field of an object has a value; the error holds the latest events of its namespace. */
export async function waitForField(
  kind: string,
  name: string,
  namespace: string,
  path: string,
  expected: string,
  timeoutSeconds: number,
): Promise<void> {
  const probe = async (): Promise<string> => {
    const answer = await tryKubectl(['get', kind, name, ...inNamespace(namespace), '-o', `jsonpath={${path}}`]);
    return answer.out === expected ? '' : answer.out || answer.err.trim() || 'empty';
  };
  try {
    await until(`${kind} ${name} with ${path} ${expected}`, timeoutSeconds, probe, 1000);
  } catch (error) {
    const events = await tryKubectl(['get', 'events', ...inNamespace(namespace), '--sort-by=.lastTimestamp']);
    throw new Error(`${(error as Error).message}\n${events.out.trimEnd().split('\n').slice(-25).join('\n')}`);
  }
}

function inNamespace(namespace: string): string[] {
  return namespace === '' ? [] : ['-n', namespace];
}
