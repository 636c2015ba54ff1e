import { beforeAll, describe, expect, it } from 'vitest';
import { restartNode } from '../machine/node';
import { pause } from '../machine/run';
import { tierOf } from '../support/dumps';
import { exportPlanOf } from '../support/exports';
import { type Run, start } from '../support/jobs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { etcdPlanOf } from '../support/snapshots';
import { Store } from '../support/store';
import { MountedClaim, volumePlanOf } from '../support/volumes';
import { OWN_CLUSTER } from '../support/which-cluster';
import { working } from './run-faults';
import { startedAgain, withoutApiServer } from './site-faults';
import { settled, Trial } from './trial';

const database = databaseOf(NEXTGEN);
const volumes = volumePlanOf(NEXTGEN);
const hourly = { namespace: database.namespace, ...tierOf(database, 'hourly') };
const CAPTURES = [hourly, volumes, exportPlanOf(NEXTGEN), etcdPlanOf(NEXTGEN)];

describe.runIf(OWN_CLUSTER)('a site', () => {
  let trial: Trial;
  beforeAll(async () => {
    await ready(NEXTGEN);
    for (const claim of volumes.claims) {
      await (await MountedClaim.mount(volumes.namespace, claim)).write('state', 'worth a snapshot\n');
    }
    trial = await Trial.begin(await Store.open(NEXTGEN.plan.storage), ...CAPTURES);
  });

  async function startAll(): Promise<Run[]> {
    const runs = await Promise.all(CAPTURES.map(({ namespace, jobName }) => start(namespace, jobName)));
    await Promise.all(runs.map(working));
    return runs;
  }

  async function expectTruth(runs: Run[]): Promise<void> {
    const verdicts = await trial.verdicts(...(await Promise.all(runs.map(settled))));
    const [{ committed, lost, untrue } = { committed: [], lost: [], untrue: [] }] = verdicts;
    expect({ lost, untrue }).toEqual({ lost: [], untrue: [] });
    CAPTURES.forEach(({ prefix }, index) => {
      if (verdicts[index]?.outcome === 'Complete') {
        expect(committed.filter((run) => run.startsWith(`${prefix}/`))).not.toEqual([]);
      }
    });
  }

  async function expectGood(): Promise<void> {
    const verdicts = await trial.verdicts(...(await Promise.all((await startAll()).map(settled))));
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(CAPTURES.map(() => 'Complete'));
    expect(verdicts[0]).toMatchObject({ lost: [], untrue: [] });
  }

  it('whose API server is away for a minute reports no success that is none, and goes on by itself', async () => {
    const runs = await startAll();
    await withoutApiServer(() => pause(60));
    await expectTruth(runs);
    await expectGood();
  });

  it('whose node loses power in mid-run reports no success that is none, and goes on by itself', async () => {
    const runs = await startAll();
    await pause(2);
    const lost = new Date(Math.floor(Date.now() / 1000) * 1000);
    await restartNode();
    await startedAgain(database, lost);
    await expectTruth(runs);
    await expectGood();
  });
});
