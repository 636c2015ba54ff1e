import { beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../support/draw';
import { pause } from '../machine/run';
import type { JobManifest } from '../support/jobs';
import { OWN_CLUSTER } from '../support/which-cluster';
import { DumpTrial } from './dump-trial';
import {
  all,
  killProcesses,
  losePods,
  once,
  TOO_LITTLE,
  unowned,
  withDeadline,
  withDisk,
  withDumpCutOff,
  withMemory,
  working,
} from './run-faults';
import { NOTHING_COMMITTED, settled } from './trial';

/** A round takes a quarter of a minute; the soak plays many more. */
const ROUNDS = Number(process.env.CDK8S_DR_ROUNDS ?? '3');

describe.runIf(OWN_CLUSTER)('a dump run', () => {
  let dumps: DumpTrial;
  let usual: number;
  beforeAll(async () => {
    dumps = await DumpTrial.begin();
    const begun = Date.now();
    await dumps.good();
    usual = (Date.now() - begun) / 1000;
  });

  it.each<[string, (job: JobManifest) => void, RegExp]>([
    [
      'whose dump gets too little memory',
      withMemory('capture', TOO_LITTLE),
      /capture OOMKilled|capture Error|capture StartError/,
    ],
    [
      'whose upload gets too little memory',
      withMemory('ship', TOO_LITTLE),
      /ship OOMKilled|ship Error|ship StartError/,
    ],
    ['whose disk is full while it dumps', withDisk('16Ki'), /capture: .*No space left on device/],
    ['whose disk is full while it seals', withDisk('192Ki'), /No space left on device/],
    ['that takes longer than it may', withDeadline(2), /DeadlineExceeded/],
    ['whose dump is cut off as it is written', withDumpCutOff, /capture: error: the dump cannot be read back in full/],
  ])('%s fails, commits nothing and says so, and the next one is good', async (_, change, message) => {
    const verdict = await dumps.verdict(await dumps.dump(all(change, once)));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toMatch(message);
    await dumps.good();
  });

  it('that is killed at random moments never commits what cannot be opened, and its retry is good', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const run = await dumps.dump();
      await working(run);
      await pause(draw(7, round, 'moment') * usual * 0.7);
      await (draw(7, round, 'how') < 0.5 ? killProcesses(run) : losePods(run));
      const verdict = await dumps.verdict(run);
      expect(verdict).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
      expect(verdict.committed.length).toBeGreaterThan(0);
    }
  });

  it('and another at the same time both commit a copy of their own, or the one that does not fails', async () => {
    const runs = await Promise.all([1, 2].map(() => dumps.dump(all(once, unowned))));
    const verdicts = await dumps.trial.verdicts(...(await Promise.all(runs.map(settled))));
    const [{ committed, lost, untrue } = { committed: [], lost: [], untrue: [] }] = verdicts;
    expect({ lost, untrue }).toEqual({ lost: [], untrue: [] });
    expect(committed.length).toBeGreaterThanOrEqual(1);
    expect(verdicts.filter(({ outcome }) => outcome === 'Complete')).toHaveLength(committed.length);
    await dumps.good();
  });

  it.each<[string, (job: JobManifest) => void, RegExp]>([
    [
      'whose restore gets too little memory',
      withMemory('verify', TOO_LITTLE),
      /verify OOMKilled|verify Error|verify StartError/,
    ],
    ['whose disk is full', withDisk('64Ki'), /fetch: .*too big for remaining disk space/],
    ['that takes longer than it may', withDeadline(3), /DeadlineExceeded/],
  ])('is not called good by a verification %s, which leaves everything as it was', async (_, change, message) => {
    const verdict = await dumps.verdict(await dumps.verification(all(change, once)));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toMatch(message);
  });
});
