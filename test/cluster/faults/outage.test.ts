import { beforeAll, describe, expect, it } from 'vitest';
import { OWN_CLUSTER } from '../support/which-cluster';
import { DumpTrial } from './dump-trial';
import { MIDDLE, type StoreFault } from './fault';
import { once, withDeadline } from './run-faults';
import { NOTHING_COMMITTED } from './trial';

describe.runIf(OWN_CLUSTER)('a dump to a store that for good', () => {
  let dumps: DumpTrial;
  beforeAll(async () => {
    dumps = await DumpTrial.begin();
    await dumps.good();
  });

  // Each takes the minutes that rclone goes on trying.
  it.each<[string, StoreFault]>([
    ['answers nothing but 503', { kind: 'unavailable' }],
    ['answers 503 from the middle of the upload on', { kind: 'unavailable', afterBytes: MIDDLE }],
    ['resets every connection from the middle of the upload on', { kind: 'reset', afterBytes: MIDDLE }],
  ])('%s fails, commits nothing and says so, and the next one is good', async (_, fault) => {
    const { verdict, hits } = await dumps.under(fault, () => dumps.dump(once));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toMatch(/ship: error: upload to \S+ failed/);
    expect(hits.length).toBeGreaterThan(0);
    await dumps.good();
  });

  it('takes bytes and never answers is ended by its deadline, commits nothing, and the next one is good', async () => {
    const fault: StoreFault = { kind: 'silent', afterBytes: MIDDLE };
    const { verdict, hits } = await dumps.under(fault, () => dumps.dump(withDeadline(40)));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toContain('DeadlineExceeded');
    expect(hits.length).toBeGreaterThan(0);
    await dumps.good();
  });
});
