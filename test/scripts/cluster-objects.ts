/** Objects as an API server returns them, with all that only the running cluster knows. */

/** Fields of one object that a test chooses. */
export interface Recorded {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** Further metadata. */
  readonly metadata?: object;
  /** Everything beside metadata. */
  readonly rest?: object;
  /** What a person set, as managed fields. */
  readonly set?: object;
}

/** An object with the noise that every object has. */
export function recorded({ apiVersion, kind, name, namespace, metadata = {}, rest = {}, set = {} }: Recorded): object {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: uidOf(kind, name),
      resourceVersion: '4711',
      generation: 3,
      creationTimestamp: '2024-01-15T14:30:00Z',
      managedFields: [
        { manager: 'kubectl', operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': set } },
        {
          manager: 'controller',
          operation: 'Update',
          subresource: 'status',
          fieldsV1: { 'f:status': { 'f:phase': {} } },
        },
      ],
      ...metadata,
    },
    ...rest,
    status: { phase: 'Active' },
  };
}

/** A reference to the controller of an object. */
export function ownedBy(kind: string, name: string): object {
  return { ownerReferences: [{ apiVersion: 'x', kind, name, uid: uidOf(kind, name), controller: true }] };
}

/** A list as `kubectl get -o json` prints it. */
export function listOf(...items: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items, metadata: { resourceVersion: '' } }, null, 4);
}

function uidOf(kind: string, name: string): string {
  return `uid-${kind}-${name}`.toLowerCase();
}
