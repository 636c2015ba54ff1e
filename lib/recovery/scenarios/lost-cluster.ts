import type { RecoveryPlan } from '../../plan';
import { linkTo } from '../markdown';
import type { Procedures } from '../procedures';
import { safeNeeds } from '../procedures/store';
import type { Scenario } from '../scenario';
import { inRestoreOrder, namespacesOf, proceduresInOrder } from './restore-order';

/** The Kubernetes cluster is gone; Git repository, store and safe are what is left. */
export function lostCluster(plan: RecoveryPlan, procedures: Procedures): Scenario[] {
  const { etcd } = procedures;
  return [
    {
      title: 'Lost cluster',
      symptom: 'The API server does not come back, or every node is gone.',
      decision: [
        ...(etcd === undefined
          ? []
          : [`The control-plane nodes are there: ${linkTo(etcd.title)}, and nothing else is needed.`]),
        'Otherwise set up a new cluster, with the operators and classes listed in the repository, and go on here. Keep it from syncing the repository until the last step.',
        `From your safe: ${safeNeeds(plan).join('; ')}.`,
      ],
      steps: [
        {
          text: 'Make the namespaces.',
          command: namespacesOf(plan)
            .map((name) => `kubectl create namespace ${name}`)
            .join('\n'),
        },
        {
          text: 'Apply what belongs to the whole cluster, from the folder with the manifests.',
          command: 'kubectl apply --server-side -f storage.k8s.yaml',
        },
        ...inRestoreOrder(plan, procedures, `NAMESPACES \`${exportedOf(plan).join(',')}\` and whatever else is missed`),
      ],
      procedures: proceduresInOrder(procedures),
      worked:
        'every application works, every database archives under its next generation, and the first runs of all jobs have succeeded.',
      backOut: 'nothing of this touches a backup; give the new cluster up and begin again.',
    },
  ];
}

/** The namespaces of a plan that are exported: the procedure takes no others. */
function exportedOf(plan: RecoveryPlan): readonly string[] {
  const { exportedNamespaces = [] } = plan.configuration ?? {};
  return exportedNamespaces.length === 0 ? namespacesOf(plan) : exportedNamespaces;
}
