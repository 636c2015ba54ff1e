import type { RecoveryPlan } from '../../plan';
import { linkTo } from '../markdown';
import type { Procedures } from '../procedures';
import { safeNeeds } from '../procedures/store';
import type { Scenario } from '../scenario';

/** The Kubernetes cluster is gone; Git repository, store and safe are what is left. */
export function lostCluster(plan: RecoveryPlan, procedures: Procedures): Scenario[] {
  const { databases, volumes, configuration, etcd } = procedures;
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
          text: 'Make what the manifests expect to find. Secrets come from your safe, or with the exported objects.',
          command: namespacesOf(plan)
            .map((name) => `kubectl create namespace ${name}`)
            .join('\n'),
        },
        {
          text: 'Apply what belongs to the whole cluster, from the folder with the manifests.',
          command: 'kubectl apply --server-side -f storage.k8s.yaml',
        },
        {
          text: [
            'Then, in this order:',
            ...(configuration === undefined
              ? []
              : [`${linkTo(configuration.title)}, for the namespaces that are missed;`]),
            ...volumes.map(({ import: imported }) => `${linkTo(imported.title)}, for each claim;`),
            ...databases.map(
              ({ ownName }) =>
                `${ownName
                  .slice(-1)
                  .map(({ title }) => linkTo(title))
                  .join('')}, after its ObjectStore from \`database.k8s.yaml\`;`,
            ),
            'and last let the GitOps controller sync.',
          ].join(' '),
        },
      ],
      procedures: [
        ...(configuration === undefined ? [] : [configuration]),
        ...volumes.map(({ import: imported }) => imported),
        ...databases.flatMap(({ ownName }) => ownName.slice(-1)),
      ],
      worked:
        'every application works, every database archives under its next generation, and the first runs of all jobs have succeeded.',
      backOut: 'nothing of this touches a backup; give the new cluster up and begin again.',
    },
  ];
}

function namespacesOf({ externalReferences }: RecoveryPlan): string[] {
  return externalReferences
    .filter(({ kind, name }) => kind === 'Namespace' && name !== 'kube-system')
    .map(({ name }) => name);
}
