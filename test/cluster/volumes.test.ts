import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './machine/run';
import { runToFailure, runToSuccess } from './support/jobs';
import { apply, get, type KubernetesObject, kubectl, list, remove, waitForField } from './support/kubectl';
import { allowed, type Right } from './support/rights';
import { committedIds, markerOf, sha256 } from './support/runs';
import { NEXTGEN, objectsOf, ready } from './support/site';
import { Store } from './support/store';
import { MountedClaim, removeSnapshots, restore, snapshotFrom, snapshotsOf, volumePlanOf } from './support/volumes';
import { allowForbidden } from './support/watch';

const plan = volumePlanOf(NEXTGEN);
const { namespace, prune } = plan;
const [FIRST = '', SECOND = ''] = plan.claims;
const IMPORTED = 'volumes-imported';
const HOUR = 3600;
const DAY = 24 * HOUR;
const STUCK = 'cdk8s-dr.example/stuck';

const NOW = Math.floor(Date.now() / 1000);
const timeOf = (secondsAgo: number): string =>
  new Date((NOW - secondsAgo) * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
const nameOf = (claim: string, time: string): string => `${claim}-${plan.name}-${time.toLowerCase()}`;

/** A snapshot of a past time, as the job would have taken it. */
function past(claim: string, secondsAgo: number): object {
  return snapshotFrom(plan, claim, nameOf(claim, timeOf(secondsAgo)), timeOf(secondsAgo));
}

describe('volumes', () => {
  let store: Store;
  let first: MountedClaim;
  let second: MountedClaim;

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    first = await MountedClaim.mount(namespace, FIRST);
    second = await MountedClaim.mount(namespace, SECOND);
    await removeSnapshots(plan);
    await store.removeAll(plan.prefix);
  });

  afterAll(async () => {
    await remove('namespace', IMPORTED);
    await remove('pod', first.pod, namespace);
    await remove('pod', second.pod, namespace);
  });

  describe('a run', () => {
    it('takes a ready snapshot of every claim, named and labelled after claim, asset and time', async () => {
      const log = await runToSuccess(namespace, plan.jobName);
      const snapshots = await snapshotsOf(plan);
      expect(snapshots.map(({ spec }) => spec.source.persistentVolumeClaimName)).toEqual([FIRST, SECOND]);
      for (const { metadata, spec, status } of snapshots) {
        const scheduled = metadata.labels?.['cdk8s-dr/scheduled'] ?? '';
        expect(scheduled).toMatch(/^\d{8}T\d{6}Z$/);
        expect(metadata.name).toBe(nameOf(spec.source.persistentVolumeClaimName, scheduled));
        expect(spec.volumeSnapshotClassName).toBe(plan.snapshotClassName);
        expect(status.readyToUse).toBe(true);
      }
      expect(log).toContain('conclude: every claim has a good snapshot of this run');
    });

    it('stores a record of each snapshot under the planned prefix, with a marker that verifies', async () => {
      const [id = ''] = await committedIds(store, plan);
      const marker = await markerOf(store, plan, id);
      const names = (await snapshotsOf(plan)).map(({ metadata }) => `${metadata.name}.json`);
      expect(marker).toMatchObject({ asset: 'volumes', tier: plan.name, runId: id, encryption: { method: 'none' } });
      expect(marker.files.map(({ name }) => name)).toEqual(names);
      for (const { name, sha256: expected } of marker.files) {
        expect(sha256(await store.read(`${plan.prefix}/${id}/${name}`))).toBe(expected);
      }
    });

    it('fails and says why when a claim cannot be snapshotted, and records the others', async () => {
      await kubectl([
        'set',
        'env',
        `cronjob/${plan.jobName}`,
        '-n',
        namespace,
        '-c',
        'snapshot',
        `CLAIMS=${FIRST} gone`,
      ]);
      const roleRules = (await get('role', plan.jobName, namespace)).rules;
      const setNames = (names: readonly string[]): Promise<string> => {
        const patch = [{ op: 'replace', path: '/rules/0/resourceNames', value: names }];
        return kubectl(['patch', 'role', plan.jobName, '-n', namespace, '--type=json', '-p', JSON.stringify(patch)]);
      };
      await setNames([FIRST, 'gone']);
      try {
        const before = await committedIds(store, plan);
        // kubectl looks whether it was the namespace that it did not find.
        await allowForbidden(new RegExp(`^403 .*:${plan.serviceAccountName}: get namespaces/`));
        const log = await runToFailure(namespace, plan.jobName);
        expect(log).toContain('conclude: failed: gone: the claim does not exist');
        expect((await committedIds(store, plan)).length).toBeGreaterThan(before.length);
      } finally {
        await setNames(roleRules[0].resourceNames);
        await kubectl([
          'set',
          'env',
          `cronjob/${plan.jobName}`,
          '-n',
          namespace,
          '-c',
          'snapshot',
          `CLAIMS=${plan.claims.join(' ')}`,
        ]);
      }
    });

    it('runs under an identity that may take snapshots and not remove them; the prune job the other way round', async () => {
      const snapshots = 'volumesnapshots.snapshot.storage.k8s.io';
      const contents = 'volumesnapshotcontents.snapshot.storage.k8s.io';
      const asked: Right[] = [
        ['create', snapshots],
        ['get', contents],
        ['delete', snapshots],
        ['patch', contents],
        ['delete', contents],
        ['create', 'pods/exec'],
        ['list', 'persistentvolumeclaims'],
      ];
      const rightsOf = (name: string): Promise<string[]> => allowed({ namespace, name }, asked, namespace);
      expect(await rightsOf(plan.serviceAccountName)).toEqual([`create ${snapshots}`, `get ${contents}`]);
      expect(await rightsOf(prune.jobName)).toEqual([`get ${contents}`, `delete ${snapshots}`, `patch ${contents}`]);
    });
  });

  describe('a restore', () => {
    it('from the one-off snapshot gives the same bytes', async () => {
      const [snapshot] = NEXTGEN.plan.oneOffSnapshots;
      const name = snapshot?.name ?? '';
      await remove('volumesnapshot', name, namespace);
      await first.write('state', 'before the one-off snapshot\n');
      await apply([oneOffManifest(name)]);
      await waitForField('volumesnapshot', name, namespace, '.status.readyToUse', 'true', 60);
      await first.write('state', 'written later\n');
      const restored = await restore(namespace, name, 'restored-once');
      expect(await restored.read('state')).toBe('before the one-off snapshot\n');
      expect(await first.read('state')).toBe('written later\n');
      await restored.discard();
    });

    it('from a record alone, imported under another namespace, gives the same bytes', async () => {
      await first.write('state', 'recorded in the store\n');
      await runToSuccess(namespace, plan.jobName);
      await first.write('state', 'lost\n');
      const id = (await committedIds(store, plan)).at(-1) ?? '';
      const { files } = await markerOf(store, plan, id);
      const file = files.find(({ name }) => name.startsWith(FIRST))?.name ?? '';
      const record = JSON.parse((await store.read(`${plan.prefix}/${id}/${file}`)).toString('utf8'));
      // In a cluster that has the original, the import is given another name and place.
      const items = JSON.parse(
        JSON.stringify(record.import.items)
          .replaceAll(`"namespace":"${namespace}"`, `"namespace":"${IMPORTED}"`)
          .replaceAll('"snapcontent-', '"imported-'),
      ) as KubernetesObject[];
      await apply([
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: IMPORTED, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
        },
      ]);
      await apply(items);
      const imported = await MountedClaim.mount(IMPORTED, FIRST);
      expect(await imported.read('state')).toBe('recorded in the store\n');
    });
  });

  describe('the prune job', () => {
    beforeAll(() => removeSnapshots(plan));

    it('keeps by tier, never goes below the floor of good ones, and removes the snapshots of the provider too', async () => {
      const hour = (NOW % HOUR) + 3 * DAY;
      const kept = [past(FIRST, 20 * 60), past(FIRST, 3 * HOUR), past(FIRST, 4 * HOUR), past(FIRST, hour)];
      const expired = [past(FIRST, hour - 20 * 60), past(FIRST, 9 * DAY)];
      const floor = [past(SECOND, 33 * DAY), past(SECOND, 32 * DAY), past(SECOND, 31 * DAY)];
      const beyond = [past(SECOND, 34 * DAY)];
      await apply([...kept, ...expired, ...floor, ...beyond]);
      for (const { metadata } of await snapshotsOf(plan)) {
        await waitForField('volumesnapshot', metadata.name, namespace, '.status.readyToUse', 'true', 60);
      }

      // None of these counts as good, and none of them is removed: the newest is not ready, one is stuck, one is somebody else's.
      const unready = past(SECOND, 29 * DAY) as KubernetesObject;
      await apply([{ ...unready, spec: { ...unready.spec, volumeSnapshotClassName: 'no-such-class' } }]);
      const stuck = past(SECOND, 30 * DAY) as KubernetesObject;
      await apply([{ ...stuck, metadata: { ...stuck.metadata, finalizers: [STUCK] } }]);
      await waitForField('volumesnapshot', stuck.metadata.name, namespace, '.status.readyToUse', 'true', 60);
      await kubectl(['delete', 'volumesnapshot', stuck.metadata.name, '-n', namespace, '--wait=false']);
      const foreign = past(SECOND, 50 * DAY) as KubernetesObject;
      await apply([{ ...foreign, metadata: { name: 'foreign', namespace } }]);

      try {
        const doomed = await contentsOf([...expired, ...beyond]);
        expect(doomed).toHaveLength(3);
        await runToSuccess(namespace, prune.jobName);
        const names = (objects: readonly unknown[]): string[] =>
          objects.map((object) => (object as KubernetesObject).metadata.name).sort();
        expect(names(await snapshotsOf(plan))).toEqual(names([...kept, ...floor, unready, stuck]));
        await get('volumesnapshot', 'foreign', namespace);
        await until('contents of expired snapshots to go', 60, async () => {
          const left = (await list('volumesnapshotcontents', '')).map(({ metadata }) => metadata.name);
          return doomed.filter((name) => left.includes(name)).join(', ');
        });
      } finally {
        await kubectl([
          'patch',
          'volumesnapshot',
          stuck.metadata.name,
          '-n',
          namespace,
          '--type=json',
          '-p',
          await withoutFinalizer(stuck),
        ]);
      }
      await remove('volumesnapshot', 'foreign', namespace);
      await remove('volumesnapshot', unready.metadata.name, namespace);
    });
  });
});

function oneOffManifest(name: string): unknown {
  return objectsOf(NEXTGEN).find(({ kind, metadata }) => kind === 'VolumeSnapshot' && metadata.name === name);
}

async function contentsOf(snapshots: readonly object[]): Promise<string[]> {
  const found = await Promise.all(
    snapshots.map((snapshot) => get('volumesnapshot', (snapshot as KubernetesObject).metadata.name, namespace)),
  );
  return found.map(({ status }) => String(status.boundVolumeSnapshotContentName));
}

/** A patch that takes the finalizer of the tests away. */
async function withoutFinalizer({ metadata }: KubernetesObject): Promise<string> {
  const live = await get('volumesnapshot', metadata.name, namespace);
  const finalizers = (live.metadata as { finalizers?: string[] }).finalizers ?? [];
  return JSON.stringify([
    { op: 'replace', path: '/metadata/finalizers', value: finalizers.filter((finalizer) => finalizer !== STUCK) },
  ]);
}
