import type { ExternalReference, RecoveryPlan } from '../../plan';
import { linkTo } from '../markdown';
import type { Procedure, Step } from '../procedure';
import type { Procedures } from '../procedures';
import { quote } from '../shell';

/** Folder of the safe's content on the workstation: one for each Secret, with a file for each key. */
const SAFE = 'safe';

/**
 * All that namespaces need to work again, in an order in which nobody makes something empty in the place of what is to be restored; with the
 * namespaces in words, where a person must choose them.
 */
export function inRestoreOrder(
  plan: RecoveryPlan,
  { volumes, configuration, databases }: Procedures,
  namespaces: string,
): Step[] {
  return [
    ...(volumes.length === 0
      ? []
      : [
          {
            text: `${volumes.map(({ import: imported }) => linkTo(imported.title)).join('; ')}: once for each claim. Before any workload is there, since one that misses its claim may make an empty one.`,
          },
        ]),
    ...(configuration === undefined
      ? []
      : [
          {
            text: `${linkTo(configuration.title)}, with ${namespaces}. Workloads that need a database wait for it.`,
          },
        ]),
    {
      text: 'Make the Secrets that are still missing from your safe: put every key that is asked for into the file that is named.',
      command: secretsOf(plan).map(createSecret).join('\n'),
    },
    ...databases.map(({ database, ownName }) => ({
      text: `From the folder with the manifests apply the ObjectStore of database \`${database.name}\`; then ${ownName
        .slice(-1)
        .map(({ title }) => linkTo(title))
        .join('')}.`,
      command: `kubectl apply --server-side -f database.k8s.yaml -l app.kubernetes.io/name=${database.archive.objectStoreName}`,
    })),
    { text: 'Let the GitOps controller sync, or apply every file of the folder.' },
  ];
}

/** The procedures that the steps lead to. */
export function proceduresInOrder({ volumes, configuration, databases }: Procedures): Procedure[] {
  return [
    ...volumes.map(({ import: imported }) => imported),
    ...(configuration === undefined ? [] : [configuration]),
    ...databases.flatMap(({ ownName }) => ownName.slice(-1)),
  ];
}

/** The namespaces that a plan needs, but for the one that every cluster has. */
export function namespacesOf({ externalReferences }: RecoveryPlan): string[] {
  return externalReferences
    .filter(({ kind, name }) => kind === 'Namespace' && name !== 'kube-system')
    .map(({ name }) => name);
}

/** The Secrets that a plan needs. */
export function secretsOf({ externalReferences }: RecoveryPlan): ExternalReference[] {
  return externalReferences.filter(({ kind }) => kind === 'Secret');
}

function createSecret({ namespace, name, keys }: ExternalReference): string {
  const login = keys.includes('username') && keys.includes('password');
  const files = keys.map((key) => `--from-file=${quote(`${SAFE}/${name}/${key}`)}`);
  return [
    `kubectl get secret ${name} -n ${namespace} -o name ||`,
    `  kubectl create secret generic ${name} -n ${namespace} ${[...(login ? ['--type=kubernetes.io/basic-auth'] : []), ...files].join(' ')}`,
  ].join('\n');
}
