import { beforeAll, describe, expect, it } from 'vitest';
import { OWN_CLUSTER } from '../support/which-cluster';
import { DumpTrial } from './dump-trial';
import { MIDDLE, type StoreFault } from './fault';
import { once } from './run-faults';
import { NOTHING_COMMITTED } from './trial';

describe.runIf(OWN_CLUSTER)('a dump to a store that', () => {
  let dumps: DumpTrial;
  beforeAll(async () => {
    dumps = await DumpTrial.begin();
    await dumps.good();
  });

  it.each<[string, StoreFault]>([
    ['answers 503 three times', { kind: 'unavailable', times: 3 }],
    ['asks three times to be called less often', { kind: 'throttled', times: 3 }],
    ['resets a connection in the middle of the upload', { kind: 'reset', afterBytes: MIDDLE, times: 1 }],
    ['is slow', { kind: 'slow' }],
  ])('%s succeeds, and is as good as any', async (_, fault) => {
    const { verdict, hits } = await dumps.under(fault, () => dumps.dump(once));
    expect(verdict).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
    expect(verdict.committed).toHaveLength(1);
    expect(hits.length).toBeGreaterThan(0);
  });

  it('flips a bit of all that it is sent fails, commits nothing and says so, and the next one is good', async () => {
    const { verdict, hits } = await dumps.under({ kind: 'corrupting' }, () => dumps.dump(once));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toMatch(/ship: error: .*(not what was sent|failed)/);
    expect(hits.length).toBeGreaterThan(0);
    await dumps.good();
  });

  it('flips one bit is good in the end, since what is wrong is not committed', async () => {
    const { verdict, hits } = await dumps.under({ kind: 'corrupting', times: 1 }, () => dumps.dump());
    expect(verdict).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
    expect(verdict.committed).toHaveLength(1);
    expect(hits).toHaveLength(1);
  });

  it('cuts what it returns short is not called good by its verification, which says so', async () => {
    const { verdict, hits } = await dumps.under({ kind: 'truncating' }, () => dumps.verification(once));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toMatch(/fetch: error: download of \S+ failed/);
    expect(hits.length).toBeGreaterThan(0);
  });
});
