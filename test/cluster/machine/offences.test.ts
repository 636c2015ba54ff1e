import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, kubectl, remove, tryKubectl } from '../support/kubectl';
import { expectForbidden, offencesSince } from '../support/watch';
import { endOfAuditLog } from './audit';
import { until } from './run';

const NAMESPACE = 'watched';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:default`;
const DENIED = new RegExp(`^403 ${ACCOUNT}: list secrets/${NAMESPACE}: `);

const listSecrets = (): Promise<unknown> => tryKubectl(['get', 'secrets', '-n', NAMESPACE, `--as=${ACCOUNT}`]);

describe('the watch over what is denied or refused', () => {
  beforeAll(async () => {
    const level = 'pod-security.kubernetes.io';
    const labels = { [`${level}/enforce`]: 'restricted', [`${level}/audit`]: 'restricted' };
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }]);
  });
  afterAll(() => remove('namespace', NAMESPACE));

  it('sees what a role does not allow, until a test declares it', async () => {
    const begin = await endOfAuditLog();
    await expectForbidden([DENIED], async () => {
      await listSecrets();
      const seen = (await offencesSince(begin)).map(({ line }) => line);
      expect(seen.filter((line) => DENIED.test(line))).toHaveLength(1);
    });
    expect((await offencesSince(begin)).filter(({ line }) => DENIED.test(line))).toEqual([]);
  });

  it('sees a pod that Pod Security keeps a controller from making, and the Event about it', async () => {
    const patterns = [
      new RegExp(`^Pod Security: create jobs/${NAMESPACE}/plain: would violate`),
      new RegExp(`^403 .*:job-controller: create pods/${NAMESPACE}: pods "plain-.*violates PodSecurity`),
      new RegExp(`^FailedCreate: Job ${NAMESPACE}/plain: .*violates PodSecurity`),
    ];
    await expectForbidden(patterns, async () => {
      await kubectl(['create', 'job', 'plain', '-n', NAMESPACE, '--image=none:1']);
      await until('the event', 30, async () => {
        const { out } = await tryKubectl(['get', 'events', '-n', NAMESPACE]);
        return out.includes('FailedCreate') ? '' : out;
      });
      await remove('job', 'plain', NAMESPACE);
    });
  });

  it('does not take a declaration of what never happens', async () => {
    await expect(expectForbidden([DENIED], async () => undefined)).rejects.toThrow(
      'nothing was denied or refused that',
    );
  });
});
