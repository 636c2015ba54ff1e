/** A request of an API server's audit log, as far as it is looked at. */
interface AuditedRequest {
  readonly auditID: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
  readonly impersonatedUser?: AuditedRequest['user'];
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  readonly requestObject?: RecordedEvent;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An Event object, in the shape of either API group. */
interface RecordedEvent {
  readonly reason?: string;
  readonly message?: string;
  readonly note?: string;
  readonly involvedObject?: Involved;
  readonly regarding?: Involved;
}

interface Involved {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Something in a cluster that was denied or refused. */
export interface Offence {
  /** Id of the request in the audit log. */
  readonly id: string;
  /** Who was denied what, and why, in one line. */
  readonly line: string;
}

/** Events which say that a controller could not make what a manifest asks for; mounts that fail are tried again, and pods that never start fail tests. */
const REASONS = ['FailedCreate'];

/** Controllers notice a moment late that a namespace is being removed, and the kubelet that a pod is gone. */
const LATE = / is being terminated$|no relationship found between node /;

const VIOLATIONS = 'pod-security.kubernetes.io/audit-violations';

/** The offence that a line of an audit log tells of, if any. What administrators are refused is not one: tests ask for it themselves. */
export function offenceIn(line: string): Offence | undefined {
  const request = JSON.parse(line) as AuditedRequest;
  const told = denial(request) ?? violation(request) ?? failure(request);
  return told === undefined ? undefined : { id: request.auditID, line: told.replace(/\s+/g, ' ') };
}

/**
 * What is denied on account of a Cluster that is being deleted. Its objects go in no order: its instances still ask with a role that is gone,
 * and the operator replaces one once more whose ServiceAccount is gone.
 */
export function lastRequestsOf(namespace: string, cluster: string): RegExp {
  return new RegExp(
    `^403 system:serviceaccount:${namespace}:${cluster}: |error looking up service account ${namespace}/${cluster}: `,
  );
}

/** A request that authentication, authorisation or admission has turned down. */
function denial(request: AuditedRequest): string | undefined {
  const { user = {}, impersonatedUser, responseStatus = {} } = request;
  const actor = impersonatedUser ?? user;
  const { code = 0, message = '' } = responseStatus;
  const denied = code === 401 || code === 403;
  const refused = code === 400 || code === 422 || (code >= 500 && /admission|webhook/.test(message));
  if (!(denied || refused) || LATE.test(message) || actor.groups?.includes('system:masters')) {
    return undefined;
  }
  return `${code} ${actor.username || 'nobody'}: ${request.verb} ${target(request)}: ${message}`;
}

/** An accepted object whose pods would be, or were, turned down by Pod Security. */
function violation(request: AuditedRequest): string | undefined {
  const found = request.annotations?.[VIOLATIONS];
  return found === undefined ? undefined : `Pod Security: ${request.verb} ${target(request)}: ${found}`;
}

function failure({ requestObject: event, objectRef }: AuditedRequest): string | undefined {
  if (objectRef?.resource !== 'events' || event?.reason === undefined || !REASONS.includes(event.reason)) {
    return undefined;
  }
  const { kind, namespace, name } = event.involvedObject ?? event.regarding ?? {};
  return `${event.reason}: ${kind} ${namespace}/${name}: ${event.message ?? event.note}`;
}

function target({ objectRef, requestURI }: AuditedRequest): string {
  const { resource, namespace, name } = objectRef ?? {};
  return resource === undefined ? requestURI : [resource, namespace, name].filter(Boolean).join('/');
}
