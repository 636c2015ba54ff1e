import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { complete } from '../support/configs';
import { restores } from '../support/restores';
import { schemaErrors } from '../support/schema';

const CLAIM = 'postgres-data-pvc';
const SNAPSHOT = `${CLAIM}-data-20240115t140000z`;

const { file, plan, restore, refusal } = restores();
const ofComplete = restores(complete);

const record = {
  version: 1,
  snapshot: SNAPSHOT,
  claim: CLAIM,
  driver: 'disk.csi.azure.com',
  snapshotHandle: '/subscriptions/s/snapshots/n',
  restoreSize: '64Gi',
  import: {
    items: [
      { spec: { sourceVolumeMode: 'Filesystem' } },
      {},
      {
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'managed-csi',
          resources: { requests: { storage: '64Gi' } },
        },
      },
    ],
  },
};

beforeAll(() => writeFileSync(file('record.json'), JSON.stringify(record)));

describe('restore volume', () => {
  it('makes the claim in the size that the record says, beside the old one', () => {
    const { objects } = restore('volume', CLAIM, '--record', file('record.json'));
    const [claim] = objects;
    expect(claim?.metadata).toMatchObject({ name: `${CLAIM}-restored`, namespace: 'production' });
    expect(claim?.spec).toMatchObject({
      storageClassName: 'managed-csi',
      dataSource: { kind: 'VolumeSnapshot', name: SNAPSHOT },
      resources: { requests: { storage: '64Gi' } },
    });
    expect(JSON.stringify(objects)).not.toContain('${');
  });

  it('imports the snapshot of the provider by its handle, and never lets its deletion delete it', () => {
    const { objects } = restore('volume', CLAIM, '--record', file('record.json'), '--import');
    expect(objects.map(({ kind }) => kind)).toEqual([
      'VolumeSnapshotContent',
      'VolumeSnapshot',
      'PersistentVolumeClaim',
    ]);
    expect(objects[0]?.spec).toMatchObject({
      deletionPolicy: 'Retain',
      driver: 'disk.csi.azure.com',
      source: { snapshotHandle: '/subscriptions/s/snapshots/n' },
      volumeSnapshotRef: { name: SNAPSHOT, namespace: 'production' },
    });
    expect(objects.flatMap(schemaErrors)).toEqual([]);
  });

  it('begins with what was read, asks for no record, and keeps the numbers of the steps', () => {
    const { err } = restore('volume', CLAIM, '--record', file('record.json'), '--import');
    expect(err).toContain(
      `**1.** What the claim needs, as it was read.\n\n\`\`\`sh\nCLAIM=${CLAIM}\nSNAPSHOT=${SNAPSHOT}\n`,
    );
    expect(err).toContain('HANDLE=/subscriptions/s/snapshots/n');
    expect(err).not.toContain("RECORD=''");
    expect(err).toContain(`--record ${file('record.json')} --import --plan ${plan} --step 2 |`);
    const looked = restore('volume', CLAIM, '--record', file('record.json'), '--import', '--step', '3').objects;
    expect(looked.map(({ kind }) => kind)).toEqual(['Pod']);
  });

  it('takes the size that the record says was restored, not what its claim asked for', () => {
    writeFileSync(file('grown.json'), JSON.stringify({ ...record, restoreSize: '65Gi' }));
    const [claim] = restore('volume', CLAIM, '--record', file('grown.json')).objects;
    expect(claim?.spec.resources.requests.storage).toBe('65Gi');
  });

  it('is refused for the record of another claim, and for a claim that nothing protects', () => {
    expect(refusal('volume', 'redis-data-pvc', '--record', file('record.json'))).toContain(`a snapshot of ${CLAIM}`);
    writeFileSync(file('other.json'), JSON.stringify({ ...record, claim: 'other' }));
    expect(refusal('volume', 'other', '--record', file('other.json'))).toContain('protected are postgres-data-pvc');
    writeFileSync(file('broken.json'), '{}');
    expect(refusal('volume', CLAIM, '--record', file('broken.json'))).toContain('is no record of a snapshot');
    writeFileSync(file('torn.json'), '{');
    expect(refusal('volume', CLAIM, '--record', file('torn.json'))).toContain('is no record of a snapshot: ');
    expect(refusal('volume', CLAIM, '--record', file('nowhere.json'))).toContain('ENOENT');
  });

  it.each([
    [['--import'], 'an import needs --record FILE'],
    [['--snapshot', 'a', '--at', '2024-01-15 14:30:00'], 'give --snapshot or --at, not both'],
    [['--record', 'r.json', '--at', '2024-01-15 14:30:00'], 'give --record or --at, not both'],
    [['--at', 'yesterday'], '"yesterday" is no moment'],
    [['--at', '2024-01-17 00:00:00'], 'has not come yet'],
    [['--at', '2024-01-01 00:00:00'], 'older than the snapshots of data'],
  ])('is refused, with what works: %s', (args, message) => {
    expect(refusal('volume', CLAIM, ...args)).toContain(message);
  });
});

describe('restore volume from the cluster', () => {
  const snapshot = (name: string, creationTime: string, more: object = {}): object => ({
    metadata: { name },
    spec: { source: { persistentVolumeClaimName: CLAIM } },
    status: { readyToUse: true, creationTime, restoreSize: '65Gi', ...more },
  });
  const claim = {
    spec: {
      accessModes: ['ReadWriteOncePod'],
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '10Gi' } },
    },
    status: { capacity: { storage: '66Gi' } },
  };
  const snapshots = [
    snapshot('late', '2024-01-15T15:00:00Z'),
    snapshot('early', '2024-01-15T13:00:00Z'),
    snapshot('torn', '2024-01-15T16:00:00Z', { readyToUse: false }),
    { ...snapshot('of-another', '2024-01-15T16:00:00Z'), spec: { source: { persistentVolumeClaimName: 'other' } } },
  ];
  const path = process.env.PATH;

  /** kubectl that has one namespace with snapshots. */
  function inCluster(items: readonly object[], found: object | undefined, namespace = 'production'): void {
    mkdirSync(file('kubectl-of-volumes'), { recursive: true });
    writeFileSync(file('snapshots.json'), JSON.stringify({ items }));
    writeFileSync(file('claim.json'), found === undefined ? '' : JSON.stringify(found));
    const answers = [
      `*"get volumesnapshots.snapshot.storage.k8s.io -n ${namespace} "*) cat ${file('snapshots.json')} ;;`,
      `*"get volumesnapshots"*) echo '{"items": []}' ;;`,
      `*"get persistentvolumeclaim "*" -n ${namespace} "*) cat ${file('claim.json')} ;;`,
    ];
    const script = ['#!/bin/sh', 'case "$*" in', ...answers, 'esac', ''].join('\n');
    writeFileSync(file('kubectl-of-volumes/kubectl'), script, { mode: 0o755 });
    process.env.PATH = `${file('kubectl-of-volumes')}${delimiter}${path ?? ''}`;
  }
  afterEach(() => {
    process.env.PATH = path;
  });

  const chosen = (...args: string[]): string => {
    const [restored] = restore('volume', CLAIM, ...args).objects;
    return restored?.spec.dataSource.name;
  };

  it('takes the newest that is ready, the newest by a time, or the one that is named', () => {
    inCluster(snapshots, claim);
    expect(chosen()).toBe('late');
    expect(chosen('--at', '2024-01-15 14:30:00')).toBe('early');
    expect(chosen('--snapshot', 'early')).toBe('early');
    expect(refusal('volume', CLAIM, '--snapshot', 'torn')).toContain('that is ready and called torn');
    expect(refusal('volume', CLAIM, '--at', '2024-01-15 12:00:00')).toContain('was cut by 2024-01-15 12:00:00');
  });

  it('makes the claim as it was, but in the restore size of the snapshot', () => {
    inCluster(snapshots, claim);
    const [restored] = restore('volume', CLAIM).objects;
    expect(restored?.spec).toMatchObject({
      accessModes: ['ReadWriteOncePod'],
      storageClassName: 'fast',
      resources: { requests: { storage: '65Gi' } },
    });
  });

  it('takes what the provider made of the claim where the snapshot says no size', () => {
    inCluster([snapshot('late', '2024-01-15T15:00:00Z', { restoreSize: undefined })], claim);
    const [restored] = restore('volume', CLAIM).objects;
    expect(restored?.spec.resources.requests.storage).toBe('66Gi');
  });

  it('names the snapshot that it found in the commands of later steps, in the place of the time', () => {
    inCluster(snapshots, claim);
    const { err } = restore('volume', CLAIM, '--at', '2024-01-15 14:30:00');
    expect(err).toContain(`restore volume ${CLAIM} --plan ${plan} --snapshot early --step 6 | kubectl create`);
    expect(err).not.toContain('--at');
  });

  it('asks for the record when the claim is gone', () => {
    inCluster(snapshots, undefined);
    expect(refusal('volume', CLAIM)).toContain(
      'is gone from namespace production, and with it what it needs; give --record',
    );
  });

  it('looks in the namespace of the asset, also when its claims are found by labels', () => {
    inCluster(snapshots, claim, 'web');
    const { out } = ofComplete.restore('volume', CLAIM);
    expect(out).toContain('namespace: web');
    expect(out).toContain('name: late');
  });
});
