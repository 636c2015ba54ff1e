import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proceduresOf } from '../../../lib/recovery';
import { type Export, exportNow, exportPlanOf } from '../support/exports';
import { apply, get, kubectl, list, remove, tryKubectl } from '../support/kubectl';
import { SAMPLE_NAMESPACE, SAMPLE_OBJECTS, SAMPLE_SECRET } from '../support/sample-objects';
import { NEXTGEN, install } from '../support/site';
import { Store } from '../support/store';
import { Workstation } from '../support/workstation';

const plan = exportPlanOf(NEXTGEN);
const procedure = proceduresOf(NEXTGEN.plan).configuration;
const heading = procedure?.title ?? '';
const NAMESPACE = procedure?.parameters.find(({ name }) => name.startsWith('NAMESPACE'))?.name ?? '';
const MINUTES = 60_000;

describe('the runbook of exported objects, pasted as it is printed', () => {
  let workstation: Workstation;
  let exported: Export;

  beforeAll(async () => {
    workstation = await Workstation.open(NEXTGEN.plan);
    await install(NEXTGEN);
    await remove('namespace', SAMPLE_NAMESPACE);
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: SAMPLE_NAMESPACE } }]);
    await apply(SAMPLE_OBJECTS);
    exported = await exportNow(plan, await Store.open(NEXTGEN.plan.storage));
  }, 20 * MINUTES);

  afterAll(async () => {
    await remove('namespace', SAMPLE_NAMESPACE);
    await workstation.close();
  });

  const there = async (kind: string, name: string): Promise<boolean> =>
    (await tryKubectl(['get', kind, name, '-n', SAMPLE_NAMESPACE])).code === 0;

  it(
    'brings back what is gone, and does not overwrite what somebody has set differently since',
    async () => {
      for (const [kind, name] of [
        ['deployment', 'web'],
        ['secret', 'login'],
        ['pvc', 'data'],
      ] as const) {
        await remove(kind, name, SAMPLE_NAMESPACE);
      }
      await kubectl([
        'patch',
        'configmap',
        'settings',
        '-n',
        SAMPLE_NAMESPACE,
        '-p',
        '{"data":{"app.yaml":"changed"}}',
      ]);
      await kubectl(['scale', 'statefulset', 'db', '-n', SAMPLE_NAMESPACE, '--replicas=0']);
      const { out, err } = await workstation.paste(heading, { RUN: exported.id, [NAMESPACE]: SAMPLE_NAMESPACE });
      expect(out).toContain('deployment.apps/web serverside-applied');
      expect(err).toMatch(/conflict.*data\.app\.yaml/s);
      expect((await get('configmap', 'settings', SAMPLE_NAMESPACE)).data['app.yaml']).toBe('changed');
      const { data } = await get('secret', 'login', SAMPLE_NAMESPACE);
      expect(Buffer.from(data.password, 'base64').toString()).toBe(SAMPLE_SECRET);
      expect(await there('deployment', 'web')).toBe(true);
      // Claims have a procedure of their own: this one would come back empty.
      expect(await there('pvc', 'data')).toBe(false);
    },
    10 * MINUTES,
  );

  it(
    'removes just what it has made, when the namespace is named',
    async () => {
      const known = { [NAMESPACE]: SAMPLE_NAMESPACE };
      expect((await workstation.backOut(heading, { CONFIRM_DELETE: 'default' }, known)).err).toContain(
        `CONFIRM_DELETE is not ${SAMPLE_NAMESPACE}: nothing is deleted`,
      );
      expect(await there('deployment', 'web')).toBe(true);
      const { code, out, err } = await workstation.backOut(heading, { CONFIRM_DELETE: SAMPLE_NAMESPACE }, known);
      expect(code, `${out}\n${err}`).toBe(0);
      expect(out).toContain('deployment.apps "web" deleted');
      expect(await there('deployment', 'web')).toBe(false);
      expect(await there('secret', 'login')).toBe(false);
      for (const [kind, name] of [
        ['configmap', 'settings'],
        ['service', 'chosen'],
        ['statefulset', 'db'],
        ['role', 'reader'],
      ] as const) {
        expect(await there(kind, name), `${kind} ${name}`).toBe(true);
      }
    },
    10 * MINUTES,
  );

  it(
    'brings back a namespace that is gone with all its objects but its claims',
    async () => {
      await remove('namespace', SAMPLE_NAMESPACE);
      const { code, out, err } = await workstation.paste(heading, {
        RUN: exported.id,
        [NAMESPACE]: SAMPLE_NAMESPACE,
      });
      expect(code, `${out}\n${err}`).toBe(0);
      const kinds = ['configmap', 'secret', 'service', 'deployment', 'statefulset', 'daemonset', 'cronjob', 'ingress'];
      const names = await list(kinds.join(','), SAMPLE_NAMESPACE, 'app=sample');
      expect(names.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(
        (SAMPLE_OBJECTS as readonly { kind: string; metadata: { name: string } }[])
          .filter(({ kind }) => kinds.includes(kind.toLowerCase()))
          .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
          .sort(),
      );
      expect(await there('pvc', 'data')).toBe(false);
    },
    10 * MINUTES,
  );
});
