import { kubectl } from './kubectl';

/** A verb and a resource such as `deployments.apps` or `serviceaccounts/token`. */
export type Right = readonly [verb: string, resource: string];

/** A ServiceAccount. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** Those of some rights that an account has, in all namespaces or in one, each as `verb resource`. */
export async function allowed(account: Account, rights: readonly Right[], namespace?: string): Promise<string[]> {
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
  const items = rights.map(([verb, name]) => {
    const [, resource, group, subresource] = /^([^./]+)(?:\.([^/]+))?(?:\/(.+))?$/.exec(name) ?? [];
    return {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups, resourceAttributes: { verb, resource, group, subresource, namespace } },
    };
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const answer = await kubectl(['create', '-f', '-', '-o', 'jsonpath={.status.allowed}{"\\n"}'], { input });
  const answers = answer.trim().split('\n');
  if (answers.length !== rights.length) {
    throw new Error(`${rights.length} rights were asked for, the answers are ${answer}`);
  }
  return rights.filter((_, index) => answers[index] === 'true').map((right) => right.join(' '));
}
