import type { RecoveryPlan } from '../../plan';
import { guarded } from '../deletion';
import type { Procedures } from '../procedures';
import type { Scenario } from '../scenario';
import { inRestoreOrder, proceduresInOrder } from './restore-order';

/** A namespace was deleted with everything in it. */
export function lostNamespace(plan: RecoveryPlan, procedures: Procedures): Scenario[] {
  const { databases, volumes, configuration } = procedures;
  const namespaces = [
    ...new Set(
      [...databases.map(({ database }) => database), ...volumes.map(({ volume }) => volume)].map(
        ({ namespace }) => namespace,
      ),
    ),
  ];
  if (namespaces.length === 0) {
    return [];
  }
  return [
    {
      title: 'Lost namespace',
      symptom: 'A namespace is gone or terminating, and with it its workloads, Secrets, claims and Clusters.',
      decision: [
        'Stop the GitOps controller from syncing before anything else: it would make empty claims and empty Clusters.',
        'Backups are not in the namespace: the store has archives, dumps, exports and records, and the provider has the snapshots, unless their class deletes them with it.',
        ...(configuration === undefined
          ? ['Its objects come from the Git repository and from you: nothing exports them (config `configuration`).']
          : []),
        'Skip what belongs to a namespace that is still there.',
      ],
      steps: [
        {
          text: 'What is gone:',
          command: namespaces.map((namespace) => `kubectl get namespace ${namespace} --ignore-not-found`).join('\n'),
        },
        {
          text: 'Make what is gone. One that is terminating must be gone first.',
          command: namespaces
            .map((namespace) => `kubectl get namespace ${namespace} -o name || kubectl create namespace ${namespace}`)
            .join('\n'),
        },
        ...inRestoreOrder(plan, procedures, 'NAMESPACES the one that is gone'),
      ],
      procedures: proceduresInOrder(procedures),
      worked: 'every workload of the namespace is ready, and every check of its databases holds.',
      backOut:
        'remove the namespace with everything that was restored into it, and begin again: nothing of this touches a backup.',
      backOutCommand: namespaces
        .map((namespace) =>
          guarded({
            what: `Namespace ${namespace} with everything in it`,
            name: namespace,
            command: `kubectl delete namespace ${namespace}`,
          }),
        )
        .join('\n'),
    },
  ];
}
