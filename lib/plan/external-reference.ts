/** Something that the manifests name and the user provides. */
export interface ExternalReference {
  /** Kubernetes kind, e.g. `Secret`. */
  readonly kind: string;
  /** Namespace, empty for cluster-scoped kinds. */
  readonly namespace: string;
  /** Name of the object. */
  readonly name: string;
  /** Keys that must be present, for Secrets. */
  readonly keys: string[];
  /** What it is for. */
  readonly purpose: string;
  /**
   * For Namespaces: the strictest Pod Security level under which the pods are admitted (kubernetes.io Pod Security Standards).
   * @default - not a Namespace, or none of the pods runs in it
   */
  readonly podSecurity?: string;
}

/** Merges references to the same object, and sorts them so that output never depends on the order of assets. */
export function mergeReferences(references: ExternalReference[]): ExternalReference[] {
  const merged = new Map<string, ExternalReference>();
  for (const reference of references) {
    const id = `${reference.kind}/${reference.namespace}/${reference.name}`;
    const known = merged.get(id);
    merged.set(id, known === undefined ? reference : join(known, reference));
  }
  return [...merged.keys()].sort().map((id) => merged.get(id) as ExternalReference);
}

function join(a: ExternalReference, b: ExternalReference): ExternalReference {
  const purposes = new Set([...a.purpose.split('; '), ...b.purpose.split('; ')]);
  const podSecurity = weakest(a.podSecurity, b.podSecurity);
  return {
    ...a,
    keys: [...new Set([...a.keys, ...b.keys])].sort(),
    purpose: [...purposes].join('; '),
    ...(podSecurity === undefined ? {} : { podSecurity }),
  };
}

/** Pod Security levels, from the one that admits most. */
const LEVELS = ['privileged', 'baseline', 'restricted'];

/** A namespace has one level, which must admit the pods of all assets in it. */
function weakest(a: string | undefined, b: string | undefined): string | undefined {
  return LEVELS.find((level) => level === a || level === b);
}
