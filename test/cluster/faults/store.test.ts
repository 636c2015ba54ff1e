import { beforeAll, describe, expect, it } from 'vitest';
import { dumpsOf, tierOf } from '../support/dumps';
import { start, startChanged } from '../support/jobs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';
import { OWN_CLUSTER } from '../support/which-cluster';
import type { StoreFault } from './fault';
import { once, withDeadline } from './run-faults';
import { withStoreFault } from './store-faults';
import { NOTHING_COMMITTED, settled, Trial } from './trial';

const database = databaseOf(NEXTGEN);
const hourly = tierOf(database, 'hourly');

/** A dump of the sample data has some hundred kilobytes, so this falls into its upload. */
const MIDDLE = 20_000;

describe.runIf(OWN_CLUSTER)('a dump to a store that', () => {
  let trial: Trial;
  beforeAll(async () => {
    await ready(NEXTGEN);
    trial = await Trial.begin(await Store.open(NEXTGEN.plan.storage), hourly);
    await expectGood();
  });

  async function expectGood(): Promise<void> {
    const verdict = await trial.verdict(await settled(await start(database.namespace, hourly.jobName)));
    expect(verdict).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
    expect(verdict.committed).toHaveLength(1);
  }

  it.each<[string, StoreFault, RegExp]>([
    ['answers nothing but 503', { kind: 'unavailable' }, /ship: error: upload to \S+ failed/],
    ['answers 503 from the middle of the upload on', { kind: 'unavailable', afterBytes: MIDDLE }, /ship: error: /],
    ['resets every connection in the middle of the upload', { kind: 'reset', afterBytes: MIDDLE }, /ship: error: /],
    ['flips a bit of all that it is sent', { kind: 'corrupting' }, /ship: error: .*(not what was sent|failed)/],
  ])('%s fails, commits nothing and says so, and the next one is good', async (_, fault, message) => {
    const { result: run, hits } = await withStoreFault(fault, async () =>
      settled(await startChanged(database.namespace, hourly.jobName, once)),
    );
    const result = await trial.verdict(run);
    expect(result).toMatchObject(NOTHING_COMMITTED);
    expect(result.log).toMatch(message);
    expect(hits.length).toBeGreaterThan(0);
    await expectGood();
  });

  it('takes the bytes and never answers is ended by the deadline, commits nothing, and the next one is good', async () => {
    const { result: run, hits } = await withStoreFault({ kind: 'silent', afterBytes: MIDDLE }, async () =>
      settled(await startChanged(database.namespace, hourly.jobName, withDeadline(40))),
    );
    const result = await trial.verdict(run);
    expect(result).toMatchObject(NOTHING_COMMITTED);
    expect(result.log).toContain('DeadlineExceeded');
    expect(hits.length).toBeGreaterThan(0);
    await expectGood();
  });

  it.each<[string, StoreFault]>([
    ['answers 503 three times', { kind: 'unavailable', times: 3 }],
    ['asks to be called less often', { kind: 'throttled', times: 3 }],
    ['resets a connection once in the middle of the upload', { kind: 'reset', afterBytes: MIDDLE, times: 1 }],
    ['is slow', { kind: 'slow' }],
  ])('%s succeeds, and is as good as any', async (_, fault) => {
    const { result: run, hits } = await withStoreFault(fault, async () =>
      settled(await startChanged(database.namespace, hourly.jobName, once)),
    );
    const result = await trial.verdict(run);
    expect(result).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
    expect(result.committed).toHaveLength(1);
    expect(hits.length).toBeGreaterThan(0);
  });

  it('flips one bit once succeeds with its second try only, and what is committed is good', async () => {
    const { result: run } = await withStoreFault({ kind: 'corrupting', times: 1 }, async () =>
      settled(await start(database.namespace, hourly.jobName)),
    );
    const result = await trial.verdict(run);
    expect(result).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
    expect(result.committed).toHaveLength(1);
  });

  it('cuts downloads short makes the verification fail, which says what is missing', async () => {
    const { result: run, hits } = await withStoreFault({ kind: 'truncating' }, async () =>
      settled(await startChanged(database.namespace, dumpsOf(database).verification.jobName, once)),
    );
    const result = await trial.verdict(run);
    expect(result).toMatchObject(NOTHING_COMMITTED);
    expect(result.log).toMatch(/error: /);
    expect(hits.length).toBeGreaterThan(0);
  });
});
