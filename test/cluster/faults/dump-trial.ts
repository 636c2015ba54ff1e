import { dump, dumpsOf, tierOf } from '../support/dumps';
import { type JobManifest, type Run, runToSuccess, start, startChanged } from '../support/jobs';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';
import type { StoreFault } from './fault';
import { withStoreFault } from './store-faults';
import { settled, Trial, type Verdict } from './trial';

const database = databaseOf(NEXTGEN);
const hourly = tierOf(database, 'hourly');
const { tiers, verification } = dumpsOf(database);

/** Runs of the hourly dump and of the verification, one after another, each with its verdict. */
export class DumpTrial {
  public static async begin(): Promise<DumpTrial> {
    await ready(NEXTGEN);
    const store = await Store.open(NEXTGEN.plan.storage);
    // A verification wants a dump of every tier, and a fault of it proves something only where it is good without one.
    for (const tier of tiers) {
      await dump(database, store, tier);
    }
    await runToSuccess(database.namespace, verification.jobName);
    return new DumpTrial(await Trial.begin(store, hourly));
  }

  private constructor(public readonly trial: Trial) {}

  /** Lets a dump run undisturbed, which must succeed and commit one run. */
  public async good(): Promise<void> {
    const { log, ...found } = await this.verdict(await start(database.namespace, hourly.jobName));
    const { outcome, committed, lost, untrue } = found;
    if (outcome !== 'Complete' || committed.length !== 1 || lost.length + untrue.length > 0) {
      throw new Error(`an undisturbed dump is not good: ${JSON.stringify(found)}\n${log}`);
    }
  }

  public dump(change: (job: JobManifest) => void = () => undefined): Promise<Run> {
    return startChanged(database.namespace, hourly.jobName, change);
  }

  public verification(change: (job: JobManifest) => void): Promise<Run> {
    return startChanged(database.namespace, verification.jobName, change);
  }

  public async verdict(run: Run): Promise<Verdict> {
    return this.trial.verdict(await settled(run));
  }

  /** The verdict on a run that has a fault of the store from its begin to its end, and the requests that were hit. */
  public async under(
    fault: StoreFault,
    begin: () => Promise<Run>,
  ): Promise<{ readonly verdict: Verdict; readonly hits: readonly string[] }> {
    const { result, hits } = await withStoreFault(fault, async () => settled(await begin()));
    return { verdict: await this.trial.verdict(result), hits };
  }
}
