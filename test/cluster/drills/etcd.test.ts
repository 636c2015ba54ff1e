import { beforeAll, describe, expect, it } from 'vitest';
import { passed } from '../support/reports';
import { newRun, runIds } from '../support/runs';
import { NEXTGEN, ready } from '../support/site';
import { etcdPlanOf } from '../support/snapshots';
import { Store } from '../support/store';

const { etcd: drill } = NEXTGEN.plan.drills;
if (drill === undefined) {
  throw new Error('the reference config rehearses the restore of etcd');
}

describe('the drill of etcd', () => {
  const etcd = etcdPlanOf(NEXTGEN);
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await newRun(store, etcd, etcd.namespace, etcd.jobName);
  });
  // Its key is left alone: the stream would seal with a wrong one too.

  it('starts a member from the newest snapshot of the scheduled ones and the stream, and counts its keys', async () => {
    const report = await passed(store, drill);
    expect(report).toMatchObject({ drill: 'etcd-restore', status: 'passed', rto: 'met' });
    expect(report.source.startsWith(`${etcd.stream?.prefix}/`) || report.source.startsWith(`${etcd.prefix}/`)).toBe(
      true,
    );
    expect(report.parts.map(({ name }) => name)).toEqual(['fetch', 'unseal', 'check', 'restore', 'examine']);
    const [keys, values] = report.checks;
    expect(keys).toMatchObject({ result: 'passed', name: 'keys' });
    const [, count = '', revision = ''] = /^(\d+) keys at revision (\d+), /.exec(keys?.found ?? '') ?? [];
    expect(Number(count)).toBeGreaterThan(drill.minimumKeys);
    expect(Number(revision)).toBeGreaterThanOrEqual(Number(count));
    expect(values).toMatchObject({ result: 'passed', name: 'values' });
  });

  it('leaves nothing but its report in the store', async () => {
    const before = await runIds(store, etcd);
    await passed(store, drill);
    expect(await runIds(store, etcd)).toEqual(before);
  });
});
