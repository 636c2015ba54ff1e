import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proceduresOf } from '../../../lib/recovery';
import { runToSuccess } from '../support/jobs';
import { get, kubectl, list, remove, tryKubectl } from '../support/kubectl';
import { newRun } from '../support/runs';
import { NEXTGEN, install } from '../support/site';
import { Store } from '../support/store';
import { MountedClaim, snapshotsOf, volumePlanOf } from '../support/volumes';
import { Workstation } from '../support/workstation';

const plan = volumePlanOf(NEXTGEN);
const { namespace } = plan;
const [CLAIM = ''] = plan.claims;
const BESIDE = `${CLAIM}-restored`;
const [procedures] = proceduresOf(NEXTGEN.plan).volumes;
const MINUTES = 60_000;

describe('the runbook of a claim, pasted as it is printed', () => {
  let store: Store;
  let workstation: Workstation;

  beforeAll(async () => {
    workstation = await Workstation.open(NEXTGEN.plan);
    await install(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    // A claim that nobody has mounted yet is not bound, and has no snapshot.
    for (const claim of plan.claims) {
      await MountedClaim.mount(namespace, claim);
    }
    // One that was asked for before the claim was bound is tried again minutes later, and keeps the claim from being deleted until then.
    for (const { metadata, status } of await list('volumesnapshots', namespace)) {
      if (status?.readyToUse !== true) {
        await remove('volumesnapshot', metadata.name, namespace);
      }
    }
  }, 20 * MINUTES);

  afterAll(async () => {
    // The next suite provides the claim itself.
    for (const claim of [...plan.claims, BESIDE]) {
      await remove('pod', `mount-${claim}`, namespace);
    }
    for (const claim of [CLAIM, BESIDE]) {
      await remove('pvc', claim, namespace);
    }
    await workstation.close();
  });

  /** The newest snapshot of the claim. */
  async function newest(): Promise<string> {
    const ofClaim = (await snapshotsOf(plan)).filter(({ spec }) => spec.source.persistentVolumeClaimName === CLAIM);
    return ofClaim.at(-1)?.metadata.name ?? '';
  }

  it(
    'restores it from its snapshot, beside the old one and then in its place, and keeps the old volume',
    async () => {
      const mounted = await MountedClaim.mount(namespace, CLAIM);
      await mounted.write('state', 'in the snapshot\n');
      await runToSuccess(namespace, plan.jobName);
      await mounted.write('state', 'damaged later\n');
      const old = (await get('pvc', CLAIM, namespace)).spec.volumeName;
      // The runbook says to stop whoever uses the claim.
      await remove('pod', mounted.pod, namespace);
      const { code, out, err } = await workstation.paste(procedures?.restore.title ?? '', {
        CLAIM,
        SNAPSHOT: await newest(),
        CONFIRM_DELETE: [CLAIM, BESIDE],
      });
      expect(code, `${out}\n${err}`).toBe(0);
      const restored = await MountedClaim.mount(namespace, CLAIM);
      expect(await restored.read('state')).toBe('in the snapshot\n');
      expect((await tryKubectl(['get', 'pvc', BESIDE, '-n', namespace])).code).not.toBe(0);
      const { status, spec } = await get('pv', old);
      expect([status.phase, spec.persistentVolumeReclaimPolicy]).toEqual(['Released', 'Retain']);
      await kubectl(['patch', 'pv', old, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}']);
    },
    20 * MINUTES,
  );

  it(
    'leaves the old one where it is while nobody has written its name',
    async () => {
      const before = await get('pvc', CLAIM, namespace);
      await remove('pod', `mount-${CLAIM}`, namespace);
      const { code, err } = await workstation.paste(procedures?.restore.title ?? '', {
        CLAIM,
        SNAPSHOT: await newest(),
      });
      expect(code).not.toBe(0);
      expect(err).toContain('CONFIRM_DELETE');
      expect((await get('pvc', CLAIM, namespace)).metadata.uid).toBe(before.metadata.uid);
      await remove('pod', `look-into-${CLAIM}`, namespace);
      await remove('pvc', BESIDE, namespace);
    },
    10 * MINUTES,
  );

  it(
    "imports it from its record when only the provider's snapshot is left, and can do so again after backing out",
    async () => {
      const mounted = await MountedClaim.mount(namespace, CLAIM);
      await mounted.write('state', 'in the recorded snapshot\n');
      const run = await newRun(store, plan, namespace, plan.jobName);
      const snapshot = await newest();
      await mounted.discard();
      await forget(snapshot);

      const heading = procedures?.import.title ?? '';
      const filledIn = { CLAIM, RECORD: `${run}/${snapshot}.json` };
      for (const attempt of ['first', 'second']) {
        const { code, out, err } = await workstation.paste(heading, filledIn);
        expect(code, `${attempt}: ${out}\n${err}`).toBe(0);
        const restored = await MountedClaim.mount(namespace, CLAIM);
        expect(await restored.read('state')).toBe('in the recorded snapshot\n');
        await remove('pod', restored.pod, namespace);
        const known = { CLAIM, SNAPSHOT: snapshot };
        expect((await workstation.backOut(heading, { CONFIRM_DELETE: snapshot }, known)).err).toContain(
          `CONFIRM_DELETE is not ${CLAIM}`,
        );
        const undone = await workstation.backOut(heading, { CONFIRM_DELETE: CLAIM }, known);
        expect(undone.code, undone.err).toBe(0);
        expect((await tryKubectl(['get', 'pvc', CLAIM, '-n', namespace])).code).not.toBe(0);
      }
    },
    20 * MINUTES,
  );

  /** Makes the cluster forget a snapshot that the provider keeps, as a new cluster would never have heard of it. */
  async function forget(snapshot: string): Promise<void> {
    const content = String((await get('volumesnapshot', snapshot, namespace)).status.boundVolumeSnapshotContentName);
    await kubectl([
      'patch',
      'volumesnapshotcontent',
      content,
      '--type=merge',
      '-p',
      '{"spec":{"deletionPolicy":"Retain"}}',
    ]);
    await remove('volumesnapshot', snapshot, namespace);
    await remove('volumesnapshotcontent', content);
    const handles = (await list('volumesnapshotcontents', '')).map(({ spec }) => spec.volumeSnapshotRef.name);
    expect(handles).not.toContain(snapshot);
  }
});
