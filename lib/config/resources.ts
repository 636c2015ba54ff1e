/** A resource of the API: its plural name, its group, and both as `kubectl` writes them. */
export interface ApiResource {
  /** Plural name with group, e.g. `deployments.apps`; the core group has none. */
  readonly name: string;
  /** Plural name, or `*`. */
  readonly plural: string;
  /** Group, empty for the core group. */
  readonly group: string;
}

/** Resources that belong to no namespace. */
const CLUSTER_RESOURCES = [
  'clusterrolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'namespaces',
];

/** What a restore of namespaces needs; Pods, ReplicaSets, Jobs and endpoints are made by these. */
export const DEFAULT_RESOURCES: readonly string[] = [
  ...CLUSTER_RESOURCES,
  'configmaps',
  'cronjobs.batch',
  'daemonsets.apps',
  'deployments.apps',
  'horizontalpodautoscalers.autoscaling',
  'ingresses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'persistentvolumeclaims',
  'poddisruptionbudgets.policy',
  'rolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'secrets',
  'serviceaccounts',
  'services',
  'statefulsets.apps',
];

/** What a database of this library consists of; all else around it is made by CloudNativePG from these. */
export const DATABASE_RESOURCES: readonly string[] = [
  'clusters.postgresql.cnpg.io',
  'objectstores.barmancloud.cnpg.io',
  'scheduledbackups.postgresql.cnpg.io',
];

/** Resources without a group (kubernetes staging/src/k8s.io/api/core/v1). */
const CORE_PLURALS: ReadonlySet<string> = new Set(
  `configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims persistentvolumes pods podtemplates
replicationcontrollers resourcequotas secrets serviceaccounts services`.split(/\s+/),
);

const OTHER_CLUSTER_RESOURCES = [
  'ingressclasses.networking.k8s.io',
  'nodes',
  'persistentvolumes',
  'priorityclasses.scheduling.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumesnapshotclasses.snapshot.storage.k8s.io',
  'volumesnapshotcontents.snapshot.storage.k8s.io',
];

const RESOURCE = /^(\*|[a-z][a-z0-9-]*)(?:\.([a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*))?$/;

/** Reads a resource; undefined when it is not written as one, or has no group and does not belong to the core group. */
export function apiResource(name: string): ApiResource | undefined {
  const [, plural, group = ''] = RESOURCE.exec(name) ?? [];
  const known = plural !== undefined && (group !== '' || CORE_PLURALS.has(plural));
  return known ? { name, plural, group } : undefined;
}

/** Whether a resource is known to belong to no namespace. */
export function isClusterScoped(name: string): boolean {
  return [...CLUSTER_RESOURCES, ...OTHER_CLUSTER_RESOURCES].includes(name);
}

/** The known resource that somebody meant by a kind or a short plural, e.g. `deployments.apps` for `Deployment`; undefined when there is none. */
export function nearestResource(name: string): string | undefined {
  const word = name.toLowerCase().replace(/[./].*/, '');
  const plurals = [word, `${word}s`, `${word}es`, word.replace(/y$/, 'ies')];
  const known = [...DEFAULT_RESOURCES, ...OTHER_CLUSTER_RESOURCES, ...CORE_PLURALS];
  return known.find((candidate) => plurals.includes(candidate.replace(/\..*/, '')));
}
