import { beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../support/draw';
import { dumpsOf, tierOf } from '../support/dumps';
import { type JobManifest, start, startChanged } from '../support/jobs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';
import { OWN_CLUSTER } from '../support/which-cluster';
import { all, killProcesses, losePods, once, withDeadline, withDisk, withMemory, working } from './run-faults';
import { NOTHING_COMMITTED, settled, Trial } from './trial';

const database = databaseOf(NEXTGEN);
const hourly = tierOf(database, 'hourly');
const { verification } = dumpsOf(database);

/** A round takes a quarter of a minute; the soak plays many more. */
const ROUNDS = Number(process.env.CDK8S_DR_ROUNDS ?? '3');

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

describe.runIf(OWN_CLUSTER)('a dump run', () => {
  let trial: Trial;
  let usual: number;
  beforeAll(async () => {
    await ready(NEXTGEN);
    trial = await Trial.begin(await Store.open(NEXTGEN.plan.storage), hourly);
    const begun = Date.now();
    await expectGood();
    usual = (Date.now() - begun) / 1000;
  });

  async function expectGood(): Promise<void> {
    const verdict = await trial.verdict(await settled(await start(database.namespace, hourly.jobName)));
    expect(verdict).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
    expect(verdict.committed).toHaveLength(1);
  }

  it.each<[string, (job: JobManifest) => void, RegExp]>([
    ['whose dump gets too little memory', withMemory('capture', '10Mi'), /OOMKilled|capture: /],
    ['whose upload gets too little memory', withMemory('ship', '10Mi'), /OOMKilled|ship: /],
    ['whose disk is full while it dumps', withDisk('16Ki'), /capture: .*No space left on device/],
    ['whose disk is full while it seals', withDisk('192Ki'), /No space left on device/],
    ['that takes longer than it may', withDeadline(2), /DeadlineExceeded/],
  ])('%s fails, commits nothing and says so, and the next one is good', async (_, change, message) => {
    const run = await startChanged(database.namespace, hourly.jobName, all(change, once));
    const verdict = await trial.verdict(await settled(run));
    expect(verdict).toMatchObject(NOTHING_COMMITTED);
    expect(verdict.log).toMatch(message);
    await expectGood();
  });

  it(`killed at ${ROUNDS} random moments never commits what cannot be opened, and its retry is good`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const run = await start(database.namespace, hourly.jobName);
      await working(run);
      await pause(draw(7, round, 'moment') * usual * 0.7);
      await (draw(7, round, 'how') < 0.5 ? killProcesses(run) : losePods(run));
      const verdict = await trial.verdict(await settled(run));
      expect(verdict).toMatchObject({ outcome: 'Complete', lost: [], untrue: [] });
      expect(verdict.committed.length).toBeGreaterThan(0);
    }
  });

  it('and another at the same time both commit a copy of their own, or the one that does not fails', async () => {
    const runs = await Promise.all([1, 2].map(() => startChanged(database.namespace, hourly.jobName, once)));
    const verdicts = await trial.verdicts(...(await Promise.all(runs.map(settled))));
    const [{ committed, lost, untrue } = { committed: [], lost: [], untrue: [] }] = verdicts;
    expect({ lost, untrue }).toEqual({ lost: [], untrue: [] });
    expect(committed.length).toBeGreaterThanOrEqual(1);
    expect(verdicts.filter(({ outcome }) => outcome === 'Complete')).toHaveLength(committed.length);
    await expectGood();
  });

  it.each<[string, (job: JobManifest) => void]>([
    ['whose restore gets too little memory', withMemory('verify', '10Mi')],
    ['whose disk is full', withDisk('64Ki')],
    ['that takes longer than it may', withDeadline(3)],
  ])('is not verified by a run %s, which fails and leaves everything as it was', async (_, change) => {
    const run = await startChanged(database.namespace, verification.jobName, all(change, once));
    expect(await trial.verdict(await settled(run))).toMatchObject(NOTHING_COMMITTED);
  });
});
