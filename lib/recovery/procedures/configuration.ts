import type { ConfigurationPlan, RecoveryPlan } from '../../plan';
import { guarded } from '../deletion';
import type { Parameter, Procedure } from '../procedure';
import { variable } from '../procedure';
import { expectedOf } from './estimates';
import { fetchSteps, listRuns, RUN, storeAccess } from './store';

/** Kinds in the order in which they are applied: what others need comes first. All other kinds follow, by name. */
export const APPLY_FIRST: readonly string[] = [
  'customresourcedefinitions.apiextensions.k8s.io',
  'namespaces',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'serviceaccounts',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'configmaps',
  'secrets',
  'networkpolicies.networking.k8s.io',
  'services',
  'poddisruptionbudgets.policy',
];

/** Their data comes from archives and snapshots; applied from an export they would begin empty. */
export const NEVER_APPLIED: readonly string[] = ['clusters.postgresql.cnpg.io', 'persistentvolumeclaims'];

/** What somebody else has set differently is a conflict for a manager of our own; under kubectl's it would be overwritten. */
const MANAGER = 'cdk8s-dr-restore';
const APPLY = `--server-side --field-manager=${MANAGER}`;

const CLUSTER_SCOPED: Parameter = {
  name: 'CLUSTER_SCOPED',
  meaning: 'Whether definitions of custom resources, cluster roles and their bindings are applied too',
  example: 'yes',
  pattern: 'yes',
  whenEmpty: 'what is in the namespace only',
};

/** Applies the exported objects of one namespace, in order, after showing what would change. */
export function restoreConfiguration(site: RecoveryPlan, plan: ConfigurationPlan): Procedure {
  const { exportedNamespaces, prefix } = plan;
  return {
    title: 'Apply exported objects of a namespace',
    use: 'Objects of a namespace, or all of it, are gone. Claims and database Clusters are left out: they would begin empty, and have procedures of their own; recover volumes first. Custom resources of kinds that come with an operator need it to run.',
    look: [storeAccess(site), listRuns(site, prefix)].join('\n'),
    parameters: [
      RUN,
      {
        name: 'NAMESPACE',
        meaning: 'Namespace whose objects are applied',
        example: exportedNamespaces[0] ?? site.namespace,
        pattern: exportedNamespaces.length === 0 ? '[a-z0-9]([-a-z0-9]*[a-z0-9])?' : exportedNamespaces.join('|'),
      },
      ...(exportedNamespaces.length === 0 ? [CLUSTER_SCOPED] : []),
    ],
    steps: [
      ...fetchSteps(site, prefix),
      {
        text: 'Take the objects of the namespace out of every file, in the order in which they are applied.',
        command: sortOut(plan),
      },
      {
        text: 'See what would change. A namespace that is gone must exist for it: the first line makes it from the export.',
        command: [
          `for file in ordered/*-namespaces.json; do [ ! -e "$file" ] || kubectl apply ${APPLY} -f "$file"; done`,
          `kubectl diff ${APPLY} -f ordered/`,
        ].join('\n'),
      },
      {
        text: 'Apply. What somebody else has set differently since is refused as a conflict, and left as it is.',
        command: `for file in ordered/*.json; do kubectl apply ${APPLY} -f "$file"; done`,
      },
    ],
    ...expectedOf(site, 'configuration', 'export of cluster objects'),
    worked: `\`kubectl diff ${APPLY} -f ordered/\` prints nothing, and the workloads of the namespace are ready.`,
    backOut:
      'remove what was made here: an object that this manager wrote when it was made. What was there before stays, and so do namespaces and definitions of custom resources, which others may use by now.',
    backOutCommand: guarded({
      what: 'What was made in the namespace',
      name: variable('NAMESPACE'),
      command: removeMade(),
    }),
  };
}

function removeMade(): string {
  return [
    "kubectl get -f ordered/ --ignore-not-found --show-managed-fields -o json | jq '(.items // [.])",
    '  | map(select(.kind | IN("Namespace", "CustomResourceDefinition") | not)',
    '    | select(.metadata | .creationTimestamp as $made | any(.managedFields[]?;',
    `      .manager == "${MANAGER}" and .operation == "Apply" and .time == $made)))`,
    '  | {apiVersion: "v1", kind: "List", items: .}\' | kubectl delete -f -',
  ].join('\n');
}

function sortOut({ exportedNamespaces }: ConfigurationPlan): string {
  const clusterScoped = exportedNamespaces.length === 0 ? '$CLUSTER_SCOPED' : '';
  const skipped = ['backup', 'index', ...NEVER_APPLIED].map((name) => `${name}.json`).join(' | ');
  return [
    'rm -rf ordered',
    'mkdir ordered',
    'number=10',
    'take() {',
    `  [ -f "restore/${variable(RUN.name)}/$1.json" ] || return 0`,
    '  for taken in ordered/*-"$1.json"; do [ ! -e "$taken" ] || return 0; done',
    '  number=$((number + 1))',
    `  jq --arg namespace "${variable('NAMESPACE')}" --arg cluster "${clusterScoped}" '.items |= map(select(`,
    '    .metadata.namespace == $namespace or (.kind == "Namespace" and .metadata.name == $namespace)',
    '    or ($cluster == "yes" and .metadata.namespace == null and .kind != "Namespace")))\' \\',
    '    "restore/$RUN/$1.json" >"ordered/$number-$1.json"',
    '}',
    `for kind in ${APPLY_FIRST.join(' ')}; do take "$kind"; done`,
    'for file in "restore/$RUN"/*.json; do',
    '  kind=$(basename "$file")',
    `  case "$kind" in ${skipped}) ;; *) take "\${kind%.json}" ;; esac`,
    'done',
    'for file in ordered/*.json; do [ "$(jq \'.items | length\' "$file")" -gt 0 ] || rm "$file"; done',
  ].join('\n');
}
