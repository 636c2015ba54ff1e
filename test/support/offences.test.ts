import { describe, expect, it } from 'vitest';
import { lastRequestsOf, offenceIn } from './offences';

const JOB = { username: 'system:serviceaccount:production:config-backup', groups: ['system:serviceaccounts'] };
const CONTROLLER = { username: 'system:serviceaccount:kube-system:job-controller' };
const ADMINISTRATOR = { username: 'admin', groups: ['system:masters'] };

function lineOf(request: object): string | undefined {
  const whole = { auditID: 'one', verb: 'list', requestURI: '/api/v1/secrets', objectRef: { resource: 'secrets' } };
  return offenceIn(JSON.stringify({ ...whole, user: JOB, ...request }))?.line;
}

const answer = (code: number, message = 'no'): object => ({ responseStatus: { code, message } });

describe('what counts as an offence', () => {
  it.each([401, 403, 400, 422])('is a request that is answered with %i', (code) => {
    expect(lineOf(answer(code))).toBe(`${code} ${JOB.username}: list secrets: no`);
  });

  it.each([200, 201, 404, 409, 410, 429, 504])('is not a request that is answered with %i', (code) => {
    expect(lineOf(answer(code))).toBeUndefined();
  });

  it('is an admission webhook that fails, and no other failure of the server', () => {
    expect(lineOf(answer(500, 'failed calling webhook "vcluster.cnpg.io"'))).toContain('failed calling webhook');
    expect(lineOf(answer(500, 'etcdserver: request timed out'))).toBeUndefined();
  });

  it('is a pod of a controller that Pod Security turns down', () => {
    const objectRef = { resource: 'pods', namespace: 'production', name: 'dump-1' };
    const message = 'pods "dump-1" is forbidden: violates PodSecurity "restricted:latest"';
    expect(lineOf({ user: CONTROLLER, verb: 'create', objectRef, ...answer(403, message) })).toBe(
      `403 ${CONTROLLER.username}: create pods/production/dump-1: ${message}`,
    );
  });

  it('is a template above the Pod Security level of its namespace, whoever applies it', () => {
    const annotations = {
      'pod-security.kubernetes.io/audit-violations': 'would violate PodSecurity "restricted:latest"',
    };
    const objectRef = { resource: 'cronjobs', namespace: 'production', name: 'dump' };
    expect(lineOf({ user: ADMINISTRATOR, verb: 'patch', objectRef, annotations, ...answer(200) })).toBe(
      'Pod Security: patch cronjobs/production/dump: would violate PodSecurity "restricted:latest"',
    );
  });

  it.each(['FailedCreate'])('is an Event of reason %s in either API group', (reason) => {
    const involved = { kind: 'Job', namespace: 'production', name: 'dump-1' };
    const recorded = { user: CONTROLLER, verb: 'create', objectRef: { resource: 'events' }, ...answer(201) };
    const expected = `${reason}: Job production/dump-1: it did not work`;
    expect(
      lineOf({ ...recorded, requestObject: { reason, message: 'it did not\n work', involvedObject: involved } }),
    ).toBe(expected);
    expect(lineOf({ ...recorded, requestObject: { reason, note: 'it did not work', regarding: involved } })).toBe(
      expected,
    );
    expect(
      lineOf({ ...recorded, requestObject: { reason: 'Created', message: '', involvedObject: involved } }),
    ).toBeUndefined();
  });

  it('is what is denied to somebody whom an administrator impersonates, and to nobody known', () => {
    expect(lineOf({ user: ADMINISTRATOR, impersonatedUser: JOB, ...answer(403) })).toContain(`403 ${JOB.username}`);
    expect(lineOf({ user: {}, ...answer(401) })).toBe('401 nobody: list secrets: no');
  });

  it('is not what an administrator asks for himself', () => {
    expect(lineOf({ user: ADMINISTRATOR, ...answer(422) })).toBeUndefined();
  });

  it('is not what is asked a moment late, of a namespace that is being removed or a pod that is gone', () => {
    const removed = 'pods "a" is forbidden: unable to create new content in namespace x because it is being terminated';
    const gone =
      'pods "a" is forbidden: User "system:node:n" cannot get resource "pods" in API group "" in the namespace "x": no relationship found between node \'n\' and this object';
    expect(lineOf({ user: CONTROLLER, ...answer(403, removed) })).toBeUndefined();
    expect(lineOf({ user: { username: 'system:node:n' }, ...answer(403, gone) })).toBeUndefined();
  });

  it('carries the id of its request', () => {
    expect(offenceIn(JSON.stringify({ auditID: 'two', verb: 'get', requestURI: '/version', ...answer(401) }))).toEqual({
      id: 'two',
      line: '401 nobody: get /version: no',
    });
  });
});

describe('what is denied when a Cluster goes', () => {
  const LAST = lastRequestsOf('production', 'main');
  const missing = (account: string): string =>
    `pods "main-1" is forbidden: error looking up service account ${account}: serviceaccount "main" not found`;

  it('is what its instances ask with a role that is gone', () => {
    expect(lineOf({ user: { username: 'system:serviceaccount:production:main' }, ...answer(403) })).toMatch(LAST);
  });

  it('is an instance that the operator replaces once more, without its ServiceAccount', () => {
    const operator = { user: { username: 'system:serviceaccount:cnpg-system:cnpg-manager' }, verb: 'create' };
    expect(lineOf({ ...operator, ...answer(403, missing('production/main')) })).toMatch(LAST);
    expect(lineOf({ ...operator, ...answer(403, missing('production/other')) })).not.toMatch(LAST);
    expect(lineOf({ ...operator, ...answer(403) })).not.toMatch(LAST);
  });

  it('is not what another account asks', () => {
    expect(lineOf(answer(403))).not.toMatch(LAST);
  });
});
