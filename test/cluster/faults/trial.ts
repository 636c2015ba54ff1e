import { evidence, finish, outcome, type Run } from '../support/jobs';
import type { Series } from '../support/runs';
import type { Store } from '../support/store';
import { type Change, Ledger } from './ledger';

/** What a run has said of itself. */
export interface Settled {
  readonly outcome: 'Complete' | 'Failed';
  /** What its pods have printed. */
  readonly log: string;
}

/** The same, and what the store says. */
export interface Verdict extends Settled, Change {}

/** Waits until a run has ended; it asks nothing of the store, which a fault may have made useless. */
export async function settled(run: Run): Promise<Settled> {
  const result = { outcome: await outcome(run, 300), log: await evidence(run) };
  await finish(run);
  return result;
}

/** Runs of jobs, compared with what is stored after them. */
export class Trial {
  /** Looks at commits below some prefixes: others go on beside them, as those of the stream of etcd. Losses count wherever they are. */
  public static async begin(store: Store, ...series: readonly Series[]): Promise<Trial> {
    return new Trial(await Ledger.open(store), series);
  }

  private constructor(
    private readonly ledger: Ledger,
    private readonly series: readonly Series[],
  ) {}

  /** What is stored since the last call, as the verdict on each run that has ended since. */
  public async verdicts(...runs: readonly Settled[]): Promise<Verdict[]> {
    const { lost, untrue, ...change } = await this.ledger.update();
    const committed = change.committed.filter((run) => this.series.some(({ prefix }) => run.startsWith(`${prefix}/`)));
    return runs.map((run) => ({ ...run, lost, untrue, committed }));
  }

  /** The same for one run. */
  public async verdict(run: Settled): Promise<Verdict> {
    const [verdict] = await this.verdicts(run);
    return verdict as Verdict;
  }
}

/** What has to be so after every run that has failed. */
export const NOTHING_COMMITTED = { outcome: 'Failed', committed: [], lost: [], untrue: [] } as const;
