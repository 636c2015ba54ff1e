import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { claim, LABELS, NAMESPACE, SnapshotApi } from './snapshot-api';
import type { Outcome } from './support';
import { run, start, tree } from './support';

let api: SnapshotApi;

/** An hour ago on the minute, as a CronJob that is late would have scheduled it. */
const MINUTE = Math.floor(Date.now() / 60_000) - 60;
const TIME = new Date(MINUTE * 60_000).toISOString().replace(/[-:]|\.\d+/g, '');

const environment = {
  NAMESPACE,
  CLAIMS: 'postgres-data redis-data',
  CLAIM_SELECTOR: '',
  SNAPSHOT_CLASS: 'csi-snapshot-class',
  SCHEDULE: 'data',
  LABELS,
  JOB_NAME: `data-snapshots-${MINUTE}`,
  READY_SECONDS: '5',
  QUIESCE_PODS: '',
  QUIESCE_CONTAINER: '',
  QUIESCE_BEFORE: '',
  QUIESCE_AFTER: '',
  QUIESCE_SECONDS: '2',
};

const quiesced = {
  ...environment,
  QUIESCE_PODS: 'app=redis',
  QUIESCE_CONTAINER: 'redis',
  QUIESCE_BEFORE: 'redis-cli\nSET\na "b" $c *',
  QUIESCE_AFTER: 'resume',
};

const both = [claim('postgres-data'), claim('redis-data')];

function snapshot(env: Record<string, string> = environment): Outcome {
  return run(api.folder, 'snapshot.sh', env);
}

const taken = (): string[] => api.state.snapshots.map(({ metadata }) => metadata.name);

/** What was done to pods and snapshots, in order. */
const deeds = (): string[] =>
  api.calls.flatMap((call) =>
    /^(create|exec)/.test(call) ? call.replace(/ --filename=.*| --namespace=\S+/g, '') : [],
  );

beforeEach(() => {
  api = new SnapshotApi();
  return () => rmSync(api.folder, { recursive: true, force: true });
});

describe('a run', () => {
  it('takes a snapshot of every claim, named and labelled after asset and scheduled time', () => {
    api.set({ claims: both });
    expect(snapshot()).toMatchObject({ code: 0, err: '' });
    expect(taken()).toEqual([`postgres-data-data-${TIME.toLowerCase()}`, `redis-data-data-${TIME.toLowerCase()}`]);
    expect(api.state.snapshots[0]).toMatchObject({
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: {
        namespace: NAMESPACE,
        labels: {
          'app.kubernetes.io/managed-by': 'cdk8s-dr',
          'app.kubernetes.io/part-of': 'shop-dr',
          'cdk8s-dr/asset': 'data',
          'cdk8s-dr/tier': 'scheduled',
          'cdk8s-dr/scheduled': TIME,
        },
      },
      spec: {
        volumeSnapshotClassName: 'csi-snapshot-class',
        source: { persistentVolumeClaimName: 'postgres-data' },
      },
    });
    expect(api.file('run/failures')).toBe('');
  });

  it('finds claims by label', () => {
    api.set({ claims: [claim('a', 'Bound', { backup: 'yes' }), claim('b')] });
    expect(snapshot({ ...environment, CLAIMS: '', CLAIM_SELECTOR: 'backup=yes' }).code).toBe(0);
    expect(taken()).toEqual([`a-data-${TIME.toLowerCase()}`]);
  });

  it.each(['data-snapshots-by-hand', 'data-snapshots-482910', 'data-snapshots-0123', `data-snapshots-${MINUTE + 600}`])(
    'of a job that no CronJob made is scheduled now: %s',
    (JOB_NAME) => {
      api.set({ claims: [claim('postgres-data')] });
      const before = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
      expect(snapshot({ ...environment, CLAIMS: 'postgres-data', JOB_NAME }).code).toBe(0);
      expect(api.state.snapshots[0].metadata.labels['cdk8s-dr/scheduled'] >= before).toBe(true);
    },
  );

  it('that is repeated takes no second snapshot, and does not stop writers for it', () => {
    api.set({ claims: both, pods: ['redis-0'] });
    expect(snapshot().code).toBe(0);
    expect(snapshot(quiesced)).toMatchObject({ code: 0 });
    expect(taken()).toHaveLength(2);
    expect(deeds()).toEqual(['create', 'create']);
  });

  it('goes on without a claim that is missing, not bound or refused, and says so', () => {
    api.set({
      claims: [claim('a'), claim('b', 'Pending'), claim('c'), claim('d')],
      fates: { c: 'error' },
    });
    const { code, out } = snapshot({ ...environment, CLAIMS: 'a b c gone', READY_SECONDS: '1' });
    expect(code).toBe(0);
    expect(out).toContain('snapshot: 1 ready, 3 failed');
    expect(api.file('run/failures').trim().split('\n')).toEqual([
      'gone: the claim does not exist',
      'b: the claim is not bound',
      `c-data-${TIME.toLowerCase()}: not ready: rpc error: quota exceeded`,
    ]);
    const conclusion = run(api.folder, 'conclude.sh', {});
    expect(conclusion).toMatchObject({ code: 1, err: 'error: not every claim has a good snapshot of this run\n' });
    expect(conclusion.out).toContain('failed: gone: the claim does not exist');
  });

  it('does not take a foreign snapshot of the same name for its own', () => {
    api.set({
      claims: both,
      snapshots: [{ metadata: { name: `redis-data-data-${TIME.toLowerCase()}` }, status: { readyToUse: true } }],
    });
    expect(snapshot().code).toBe(0);
    expect(api.file('run/failures')).toMatch(/^redis-data-data-\S+: Error from server \(AlreadyExists\)/);
  });

  it('fails when nothing became ready within the deadline', () => {
    api.set({ claims: both, fates: { 'postgres-data': 'pending', 'redis-data': 'pending' } });
    const { code, err } = snapshot({ ...environment, READY_SECONDS: '1' });
    expect(code).toBe(1);
    expect(err).toMatch(/^error: no snapshot is ready: postgres-data-data-\S+: not ready: no error is reported\n$/);
  });

  it('fails with what the API server said', () => {
    api.set({ refuse: { 'get persistentvolumeclaims': 'Error from server (Forbidden): no' } });
    expect(snapshot()).toMatchObject({
      code: 1,
      err: 'error: cannot read the claims: Error from server (Forbidden): no\n',
    });
  });
});

describe('the quiesce hook', () => {
  it('stops every pod before, and releases it after, with arguments as they were given', () => {
    api.set({ claims: both, pods: ['redis-0', 'redis-1'] });
    expect(snapshot(quiesced)).toMatchObject({ code: 0 });
    const exec = (pod: string, command: string): string => `exec pod/${pod} --container=redis -- ${command}`;
    expect(deeds()).toEqual([
      exec('redis-0', 'redis-cli SET a "b" $c *'),
      exec('redis-1', 'redis-cli SET a "b" $c *'),
      'create',
      'create',
      exec('redis-0', 'resume'),
      exec('redis-1', 'resume'),
    ]);
  });

  it('is not needed where no pod runs', () => {
    api.set({ claims: both });
    expect(snapshot(quiesced)).toMatchObject({ code: 0, out: expect.stringContaining('no pod is running') });
    expect(deeds()).toEqual(['create', 'create']);
  });

  it.each(['fail', 'hang'])('that does not succeed (%s) is released, and no snapshot is taken', (command) => {
    api.set({ claims: both, pods: ['redis-0'] });
    const { code, err } = snapshot({ ...quiesced, QUIESCE_BEFORE: command, QUIESCE_SECONDS: '1' });
    expect(code).toBe(1);
    expect(err).toContain('error: quiesce: the command failed in pod/redis-0; no snapshot was taken');
    expect(deeds().at(-1)).toContain('resume');
    expect(taken()).toEqual([]);
  });

  it('is released when a snapshot is refused', () => {
    api.set({ claims: both, pods: ['redis-0'], refuse: { create: 'Error from server (Forbidden): quota' } });
    expect(snapshot(quiesced).code).toBe(1);
    expect(deeds().at(-1)).toContain('resume');
  });

  it('is released when snapshots are not cut in time, and the run fails', () => {
    api.set({ claims: both, pods: ['redis-0'], fates: { 'redis-data': 'uncut' } });
    const { code, err } = snapshot({ ...quiesced, QUIESCE_SECONDS: '1' });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error: the snapshots were not cut within the 1 s in which writers are stopped\n',
    });
    expect(deeds().filter((deed) => deed.includes('resume'))).toHaveLength(1);
  });

  it('does not wait for the snapshots to become ready', () => {
    api.set({ claims: both, pods: ['redis-0'], fates: { 'redis-data': 'pending' } });
    expect(snapshot(quiesced)).toMatchObject({ code: 0 });
    expect(deeds().at(-1)).toContain('resume');
  });

  it('releases all pods, also when one of them cannot be, and then fails loudly', () => {
    api.set({
      claims: both,
      pods: ['redis-0', 'redis-1'],
      refuse: { [`exec pod/redis-0 --namespace=${NAMESPACE} --container=redis -- resume`]: 'it is gone' },
    });
    const { code, err } = snapshot(quiesced);
    expect(code).toBe(1);
    expect(err).toContain('error: quiesce: STILL STOPPED, since the release failed: pod/redis-0');
    expect(deeds().at(-1)).toContain('exec pod/redis-1');
  });

  it.each([
    ['while its command runs', { ...quiesced, QUIESCE_BEFORE: 'hang', QUIESCE_SECONDS: '30' }, {}],
    ['while snapshots are cut', { ...quiesced, QUIESCE_SECONDS: '30' }, { 'redis-data': 'uncut' }],
  ])('is released within seconds when the pod is ended %s', async (_, env, fates) => {
    api.set({ claims: both, pods: ['redis-0'], fates });
    const child = start(api.folder, 'snapshot.sh', env);
    await setTimeout(3000);
    expect(deeds().some((deed) => deed.startsWith('exec'))).toBe(true);
    expect(deeds().some((deed) => deed.includes('resume'))).toBe(false);
    const asked = Date.now();
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(143);
    expect(Date.now() - asked).toBeLessThan(8000);
    expect(deeds().at(-1)).toContain('resume');
  });
});

describe('the record', () => {
  const name = `postgres-data-data-${TIME.toLowerCase()}`;

  it('holds what a new cluster needs, as a list that can be applied', () => {
    api.set({ claims: both });
    expect(snapshot().code).toBe(0);
    expect(run(api.folder, 'record.sh', {})).toMatchObject({ code: 0, err: '', out: 'record: 2 records\n' });
    expect(tree(join(api.folder, 'work/capture'))).toEqual([
      `${name}.json`,
      `redis-data-data-${TIME.toLowerCase()}.json`,
    ]);
    const record = JSON.parse(api.file(`capture/${name}.json`));
    expect(record).toMatchObject({
      version: 1,
      asset: 'data',
      snapshot: name,
      namespace: NAMESPACE,
      claim: 'postgres-data',
      scheduled: TIME,
      driver: 'disk.csi.azure.com',
      snapshotHandle: `/subscriptions/1/snapshots/${name}`,
      restoreSize: '2Gi',
    });
    expect(record.import.items).toEqual([
      {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshotContent',
        metadata: { name: `snapcontent-uid-${name}` },
        spec: {
          deletionPolicy: 'Retain',
          driver: 'disk.csi.azure.com',
          source: { snapshotHandle: `/subscriptions/1/snapshots/${name}` },
          sourceVolumeMode: 'Filesystem',
          volumeSnapshotRef: { name, namespace: NAMESPACE },
        },
      },
      {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata: { name, namespace: NAMESPACE },
        spec: { source: { volumeSnapshotContentName: `snapcontent-uid-${name}` } },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'postgres-data', namespace: NAMESPACE, labels: {}, annotations: { owner: 'shop' } },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'managed-csi',
          volumeMode: 'Filesystem',
          dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name },
          resources: { requests: { storage: '2Gi' } },
        },
      },
    ]);
    expect(api.file('run/tools')).toBe('kubectl=v1.34.1\nkubernetes=v1.34.4\n');
    expect(run(api.folder, 'conclude.sh', {})).toMatchObject({ code: 0, err: '' });
  });

  it('is missing for a snapshot whose content belongs to another one, and the run fails at its end', () => {
    api.set({ claims: both });
    expect(snapshot().code).toBe(0);
    const { snapshots, contents } = api.state;
    contents[0].spec.volumeSnapshotRef.uid = 'another';
    api.set({ claims: both, snapshots, contents });
    expect(run(api.folder, 'record.sh', {}).out).toBe('record: 1 records\n');
    expect(api.file('run/failures')).toContain(`${name}: no record: jq: error`);
    expect(run(api.folder, 'conclude.sh', {}).code).toBe(1);
  });
});
