/** Argo CD sync waves: what others refer to comes first. */
export enum SyncWave {
  PREREQUISITE = -1,
  STATEFUL = 0,
  JOB = 1,
}

/** What every generated object has in common. */
export interface ObjectDefaults {
  /** Site, for the part-of label. */
  readonly site: string;
  /** Namespace of the object. */
  readonly namespace: string;
  /** Whether Argo CD annotations are written. */
  readonly argoCd: boolean;
}

/** Labels of a generated object; none of them is a tracking label, so Argo CD never adopts what jobs create. */
export function labelsFor(defaults: ObjectDefaults, name: string, component: string): Record<string, string> {
  return {
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': 'cdk8s-dr',
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': `${defaults.site}-dr`,
  };
}

/** Annotations that order a sync and, for objects that hold data, forbid Argo CD to delete them. */
export function argoAnnotations(
  defaults: ObjectDefaults,
  wave: SyncWave,
  holdsData: boolean = false,
): Record<string, string> {
  if (!defaults.argoCd) {
    return {};
  }
  return {
    ...(holdsData ? { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' } : {}),
    'argocd.argoproj.io/sync-wave': String(wave),
  };
}
