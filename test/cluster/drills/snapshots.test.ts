import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runToSuccess } from '../support/jobs';
import { kubectl, remove } from '../support/kubectl';
import { failed, passed } from '../support/reports';
import { NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';
import { MountedClaim, removeSnapshots, snapshotsOf } from '../support/volumes';

describe('the drill of snapshots', () => {
  const [drill] = NEXTGEN.plan.drills.snapshots;
  const [volumes] = NEXTGEN.plan.volumes;
  if (drill === undefined || volumes === undefined) {
    throw new Error('the reference config rehearses the restore of snapshots');
  }
  const { namespace, podName } = drill;
  const left = async (): Promise<string> =>
    (await kubectl(['get', 'pods,pvc', '-n', namespace, '-o', 'name']))
      .split('\n')
      .filter((line) => line.includes(podName))
      .join(' ');
  let store: Store;
  const mounted: MountedClaim[] = [];

  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await removeSnapshots(volumes);
    for (const claim of volumes.claims) {
      const mount = await MountedClaim.mount(namespace, claim);
      mounted.push(mount);
      await mount.write('proof', 'written before the snapshot');
    }
    await runToSuccess(namespace, volumes.jobName);
  });
  afterAll(async () => {
    for (const { pod } of mounted) {
      await remove('pod', pod, namespace);
    }
  });

  it('restores the newest snapshot of every claim, reads it in full, and leaves neither pod nor claim', async () => {
    const newest = (await snapshotsOf(volumes)).map(({ metadata }) => metadata.name);
    const report = await passed(store, drill);
    expect(report).toMatchObject({ drill: 'snapshot-restore', status: 'passed', rto: 'met' });
    expect(report.source.split(', ').sort()).toEqual(newest.sort());
    expect(report.checks.map(({ name, result }) => `${result} ${name}`)).toEqual(
      [...volumes.claims].sort().map((claim) => `passed ${claim}`),
    );
    for (const { found } of report.checks) {
      expect(found).toMatch(/: [1-9]\d* files, [1-9]\d* bytes, \d+ s$/);
    }
    expect(await left()).toBe('');
  });

  it('fails, and its report says so, when a claim has no snapshot', async () => {
    const [doomed] = await snapshotsOf(volumes);
    const claim = String(doomed?.spec.source.persistentVolumeClaimName);
    await remove('volumesnapshot', String(doomed?.metadata.name), namespace);
    const report = await failed(store, drill);
    expect(report.failure).toBe(`restore: ${claim}: has no good snapshot`);
    expect(report.checks.map(({ result }) => result)).toEqual(['failed', 'passed']);
    expect(await left()).toBe('');
  });
});
