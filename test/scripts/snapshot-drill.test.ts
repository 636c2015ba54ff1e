import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { find, objectsIn, render } from '../support/render';
import type { Outcome } from './support';
import { own, podFolder, run, standInForKubectl } from './support';

const template = find(objectsIn(render(nextgen)), 'ConfigMap', 'data-snapshot-drill-template').data['pod.json'];
const POD = 'data-snapshot-drill-pod';
let folder = '';

interface State {
  readonly snapshots: object[];
  readonly persistentvolumeclaims: object[];
  readonly pods: object[];
  // biome-ignore lint/suspicious/noExplicitAny: pods as they were made
  readonly created: any[];
  readonly fates: Record<string, { phase: string; message: string }>;
  readonly refuse?: Record<string, string>;
}

function snapshot(claim: string, scheduled: string, status: object = {}): object {
  return {
    metadata: { name: `${claim}-data-${scheduled.toLowerCase()}`, labels: { 'cdk8s-dr/scheduled': scheduled } },
    spec: { source: { persistentVolumeClaimName: claim } },
    status: { readyToUse: true, restoreSize: '5Gi', ...status },
  };
}

const claim = (name: string): object => ({
  metadata: { name },
  spec: { storageClassName: 'managed-csi' },
  status: { capacity: { storage: '3Gi' } },
});

function set(changes: Partial<State>): void {
  const state = { snapshots: [], persistentvolumeclaims: [], pods: [], created: [], fates: {}, ...changes };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  spawnSync('chown', ['-R', 'postgres', folder]);
}

const state = (): State => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
const lines = (): string[] => readFileSync(join(folder, 'work/run/lines'), 'utf8').trimEnd().split('\n');
const rehearse = (env: Record<string, string> = {}): Outcome =>
  run(folder, 'rehearse-snapshots.sh', {
    NAMESPACE: 'production',
    LABELS: 'cdk8s-dr/asset=data',
    CLAIMS: 'postgres redis',
    POD_NAME: POD,
    POD_TEMPLATE: join(folder, 'pod.json'),
    JOB_NAME: 'data-snapshot-drill-1',
    JOB_UID: 'uid-1',
    ...env,
  });

beforeEach(() => {
  folder = podFolder('volume');
  writeFileSync(join(folder, 'pod.json'), template);
  standInForKubectl(folder, 'fake-drill-api.cjs');
  own(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('a drill of snapshots', () => {
  it('restores the newest good one of each claim into the volume of a pod that the Job owns, and leaves nothing', () => {
    set({
      snapshots: [
        snapshot('postgres', '20240115T140000Z'),
        snapshot('postgres', '20240115T150000Z'),
        snapshot('postgres', '20240115T160000Z', { readyToUse: false }),
        snapshot('postgres', '20240115T170000Z', { error: { message: 'quota exceeded' } }),
        snapshot('redis', '20240115T130000Z'),
      ],
      persistentvolumeclaims: [claim('postgres'), claim('redis')],
    });
    const outcome = rehearse();
    expect(outcome, outcome.err).toMatchObject({ code: 0, err: '' });
    expect(lines().map((line) => line.replace(/, \d+ s$/, ''))).toEqual([
      'passed\tpostgres\tpostgres-data-20240115t150000z: 12 files, 3456 bytes',
      'passed\tredis\tredis-data-20240115t130000z: 12 files, 3456 bytes',
    ]);
    expect(readFileSync(join(folder, 'work/run/source'), 'utf8')).toBe(
      'postgres-data-20240115t150000z, redis-data-20240115t130000z',
    );
    const [first] = state().created;
    expect(first.metadata.ownerReferences).toEqual([
      { apiVersion: 'batch/v1', kind: 'Job', name: 'data-snapshot-drill-1', uid: 'uid-1' },
    ]);
    const [volume] = first.spec.volumes.filter(({ name }: { name: string }) => name === 'restored');
    expect(volume.ephemeral.volumeClaimTemplate.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'managed-csi',
      dataSource: {
        apiGroup: 'snapshot.storage.k8s.io',
        kind: 'VolumeSnapshot',
        name: 'postgres-data-20240115t150000z',
      },
      resources: { requests: { storage: '5Gi' } },
    });
    expect(state().pods).toEqual([]);
    expect(state().persistentvolumeclaims).toHaveLength(2);
  });

  it('needs neither the claim nor the size in the snapshot, but one of them', () => {
    set({ snapshots: [snapshot('postgres', '20240115T140000Z')] });
    expect(rehearse({ CLAIMS: '' }).code).toBe(0);
    expect(state().created[0].spec.volumes.at(-1).ephemeral.volumeClaimTemplate.spec.storageClassName).toBeUndefined();
    const sizeless = [snapshot('postgres', '20240115T140000Z', { restoreSize: null })];
    set({ snapshots: sizeless, persistentvolumeclaims: [claim('postgres')] });
    expect(rehearse({ CLAIMS: '' }).code).toBe(0);
    expect(state().created[0].spec.volumes.at(-1).ephemeral.volumeClaimTemplate.spec.resources.requests.storage).toBe(
      '3Gi',
    );
    set({ snapshots: sizeless });
    expect(rehearse({ CLAIMS: '' }).err).toContain('neither the snapshot nor its claim says how large it is');
  });

  it('goes on after a claim that has none, or whose volume cannot be read, and fails at its end', () => {
    set({
      snapshots: [snapshot('postgres', '20240115T140000Z'), snapshot('redis', '20240115T140000Z')],
      fates: {
        'postgres-data-20240115t140000z': { phase: 'Failed', message: 'error: not every file\n can be read\n' },
      },
    });
    const outcome = rehearse({ CLAIMS: 'postgres redis mails' });
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('error: mails: has no good snapshot');
    expect(lines().map((line) => line.replace(/, \d+ s$/, ''))).toEqual([
      'failed\tmails\thas no good snapshot',
      'failed\tpostgres\tpostgres-data-20240115t140000z: error: not every file can be read ',
      'passed\tredis\tredis-data-20240115t140000z: 12 files, 3456 bytes',
    ]);
    expect(state().pods).toEqual([]);
  });

  it('removes what a run that was killed has left, and restores nothing when it cannot', () => {
    const left = { metadata: { name: POD } };
    const remains = { metadata: { name: `${POD}-restored` } };
    set({ snapshots: [snapshot('postgres', '20240115T140000Z')], pods: [left], persistentvolumeclaims: [remains] });
    expect(rehearse({ CLAIMS: '' }).code).toBe(0);
    set({
      snapshots: [snapshot('postgres', '20240115T140000Z')],
      pods: [left],
      refuse: { 'delete pods': 'forbidden' },
    });
    expect(rehearse({ CLAIMS: '' }).err).toContain('error: what an earlier run has left cannot be removed: forbidden');
    expect(state().created).toEqual([]);
  });

  it('says so when there is no snapshot at all, or the API server refuses', () => {
    set({});
    expect(rehearse({ CLAIMS: '' }).err).toContain('error: there is no good snapshot');
    set({ refuse: { 'get volumesnapshots': 'volumesnapshots is forbidden' } });
    expect(rehearse().err).toContain('error: cannot list snapshots: volumesnapshots is forbidden');
    set({ snapshots: [snapshot('postgres', '20240115T140000Z')], refuse: { create: 'exceeded quota' } });
    expect(rehearse({ CLAIMS: '' }).err).toContain('error: postgres: postgres-data-20240115t140000z: exceeded quota');
  });
});

describe('a restored volume', () => {
  const read = (env: Record<string, string> = {}): Outcome =>
    run(folder, 'read-volume.sh', {
      WORK_DIR: join(folder, 'volume'),
      MINIMUM_FILES: '1',
      MESSAGE_FILE: join(folder, 'message'),
      ...env,
    });

  it('is read in full, whatever its files are called', () => {
    mkdirSync(join(folder, 'volume/deep/er'), { recursive: true });
    mkdirSync(join(folder, 'volume/lost+found'), { mode: 0o700 });
    writeFileSync(join(folder, 'volume/deep/er/a b\nc'), 'x'.repeat(5000));
    writeFileSync(join(folder, 'volume/-rf'), 'y');
    spawnSync('chown', ['postgres', folder]);
    expect(read()).toMatchObject({ code: 0, out: 'read: 2 files, 5001 bytes\n', err: '' });
    expect(readFileSync(join(folder, 'message'), 'utf8')).toBe('2 files, 5001 bytes');
  });

  it('that is empty, or whose files or folders cannot be read, is not good', () => {
    expect(read().err).toContain('error: the volume holds 0 files, 0 bytes; at least 1 files are expected');
    spawnSync('chown', ['postgres', folder]);
    expect(read({ MINIMUM_FILES: '0' }).code).toBe(0);
    writeFileSync(join(folder, 'volume/secret'), 'x', { mode: 0o600 });
    expect(read().err).toContain('error: not every file can be read');
    mkdirSync(join(folder, 'volume/closed'), { mode: 0o700 });
    expect(read().err).toContain('error: not every folder can be read');
    expect(existsSync(join(folder, 'message'))).toBe(true);
  });
});
