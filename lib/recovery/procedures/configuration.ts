import type { ConfigurationPlan, RecoveryPlan } from '../../plan';
import { guarded } from '../deletion';
import type { Parameter, Procedure, Step } from '../procedure';
import { variable } from '../procedure';
import { APPLY_FIRST, NEVER_APPLIED } from './apply-order';
import { expectedOf } from './estimates';
import { fetchSteps, listRuns, RUN, storeAccess } from './store';

/** Variables of what is applied. */
export const NAMESPACES = 'NAMESPACES';
export const KINDS = 'KINDS';
export const CLUSTER_SCOPED = 'CLUSTER_SCOPED';

/** Whether objects of a kind are applied, which is named as the files of an export are. */
export function isApplied(kind: string): boolean {
  return !NEVER_APPLIED.includes(kind);
}

/** What somebody else has set differently is a conflict for a manager of our own; under kubectl's it would be overwritten. */
const MANAGER = 'cdk8s-dr-restore';
const APPLY = `--server-side --field-manager=${MANAGER}`;

/** Applies exported objects of namespaces, in order, after showing what would change. */
export function restoreConfiguration(site: RecoveryPlan, plan: ConfigurationPlan): Procedure {
  const { prefix } = plan;
  return {
    title: 'Apply exported objects',
    use: 'Objects of namespaces, or all of them, are gone. Claims and database Clusters are left out: they would begin empty, and have procedures of their own; recover volumes first. Custom resources of kinds that come with an operator need it to run.',
    look: [storeAccess(site), listRuns(site, prefix)].join('\n'),
    parameters: [RUN, ...choices(site, plan)],
    steps: [
      ...fetchSteps(site, prefix),
      {
        text: 'Take the chosen objects out of every file, in the order in which they are applied: definitions of custom resources, namespaces, rights, configuration, services, then workloads and all else.',
        command: sortOut(plan),
      },
      makeRoom(plan),
      {
        text: `See what would change. An object of the last list was applied by a client; server-side apply takes such an object over and drops from it what is not in the export, which the difference does not show. Remove what must stay as it is from \`ordered/\`.`,
        command: [
          `kubectl diff ${APPLY} -f ordered/`,
          `kubectl get -f ordered/ --ignore-not-found -o json | jq -r '(.items // [.])[]`,
          `  | select(.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"])`,
          `  | "\\(.kind) \\(.metadata.namespace // "")/\\(.metadata.name)"'`,
        ].join('\n'),
      },
      {
        text: 'Apply. What somebody else has set differently since is refused as a conflict, and left as it is.',
        command: `for file in ordered/*.json; do kubectl apply ${APPLY} -f "$file"; done`,
      },
    ],
    ...expectedOf(site, 'configuration', 'export of cluster objects'),
    worked: `\`kubectl diff ${APPLY} -f ordered/\` prints nothing, and the workloads of the namespaces are ready.`,
    backOut:
      'remove what was made here: an object that this manager wrote when it was made. What was there before stays, and so do namespaces and definitions of custom resources, which others may use by now.',
    backOutCommand: guarded({
      what: 'What was made in these namespaces',
      name: variable(NAMESPACES),
      command: removeMade(),
    }),
  };
}

function choices(site: RecoveryPlan, { exportedNamespaces, resources }: ConfigurationPlan): Parameter[] {
  const everything = exportedNamespaces.length === 0;
  const kinds = resources.filter(({ name }) => isApplied(name));
  return [
    {
      name: NAMESPACES,
      meaning: 'Namespaces whose objects are applied, joined by commas',
      example: everything ? site.namespace : exportedNamespaces.join(','),
      pattern: listOf(everything ? '[a-z0-9]([-a-z0-9]*[a-z0-9])?' : exportedNamespaces.join('|')),
    },
    {
      name: KINDS,
      meaning: 'Kinds that are applied, as the files of the export are called, joined by commas',
      example: exampleOf(kinds.map(({ name }) => name)),
      pattern: listOf(kinds.map(({ name }) => name.replace(/\./g, '\\.').replace('*', '[a-z0-9-]+')).join('|')),
      whenEmpty: 'all that are exported',
    },
    ...(everything
      ? [
          {
            name: CLUSTER_SCOPED,
            meaning: 'Whether definitions of custom resources, cluster roles and their bindings are all applied too',
            example: 'yes',
            pattern: 'yes',
            whenEmpty: 'only those whose kind is chosen',
          },
        ]
      : []),
  ];
}

/** Two kinds that most exports have, or else the first one. */
function exampleOf(kinds: readonly string[]): string {
  const usual = ['configmaps', 'deployments.apps'].filter((kind) => kinds.includes(kind));
  return usual.length > 0 ? usual.join(',') : (kinds[0]?.replace('*', 'kinds') ?? '');
}

/** Each is followed by a comma or by the end. */
function listOf(pattern: string): string {
  return `((${pattern})(,|$))+`;
}

/** Namespaces and definitions that are gone must be there for a comparison; `create` leaves those that are there alone. */
function makeRoom({ exportedNamespaces }: ConfigurationPlan): Step {
  return exportedNamespaces.length === 0
    ? {
        text: 'Make definitions and namespaces that are gone, without which nothing can be compared. An error that one exists means that it is left as it is. Where kinds are chosen, `namespaces` must be among them for that.',
        command: [
          'for file in ordered/*-customresourcedefinitions.apiextensions.k8s.io.json ordered/*-namespaces.json; do',
          '  [ ! -e "$file" ] || kubectl create -f "$file"',
          'done',
          'for file in ordered/*-customresourcedefinitions.apiextensions.k8s.io.json; do',
          '  [ ! -e "$file" ] || kubectl wait --for=condition=Established --timeout=60s -f "$file"',
          'done',
        ].join('\n'),
      }
    : {
        text: 'Make namespaces that are gone, without which nothing can be compared; their labels are not in the export.',
        command: [
          `for namespace in $(echo "${variable(NAMESPACES)}" | tr , ' '); do`,
          '  kubectl get namespace "$namespace" || kubectl create namespace "$namespace"',
          'done',
        ].join('\n'),
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
  const all = exportedNamespaces.length === 0 ? `[ "$${CLUSTER_SCOPED}" != yes ] || cluster=yes ` : '';
  const skipped = ['backup', 'index', ...NEVER_APPLIED].map((name) => `${name}.json`).join(' | ');
  return [
    'rm -rf ordered',
    'mkdir ordered',
    'number=10',
    'take() {',
    `  [ -f "restore/${variable(RUN.name)}/$1.json" ] || return 0`,
    '  for taken in ordered/*-"$1.json"; do [ ! -e "$taken" ] || return 0; done',
    '  cluster=no',
    `  case ",$${KINDS}," in`,
    `  ,,) ${all};;`,
    '  *",$1,"*) cluster=yes ;;',
    '  *) return 0 ;;',
    '  esac',
    '  number=$((number + 1))',
    `  jq --arg namespaces "${variable(NAMESPACES)}" --arg cluster "$cluster" '($namespaces | split(",")) as $wanted | .items |= map(select(`,
    '    if .kind == "Namespace" then .metadata.name else .metadata.namespace end',
    '    | IN($wanted[]) or (. == null and $cluster == "yes")))\' \\',
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
