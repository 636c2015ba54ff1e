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
