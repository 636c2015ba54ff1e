import { draw } from '../../support/draw';
import { provideEmptyPassphrase } from '../faults/empty-passphrase';
import { Ledger } from '../faults/ledger';
import { say } from '../machine/log';
import { dumpsOf } from '../support/dumps';
import { evidence, finish, outcome, type Run, start } from '../support/jobs';
import { replicationPlanOf } from '../support/replication';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';
import { MountedClaim, volumePlanOf } from '../support/volumes';
import { DAMAGES } from './damages';
import { JOBS, type SoakedJob } from './jobs';
import { newestRun } from './newest-run';
import { RUN_FAULTS } from './run-faults';
import { SHARED_FAULTS } from './shared-faults';
import type { Round } from './tally';

/** Jobs that run in a round. */
const AT_ONCE = 3;

/** What is drawn is the kind of a round first, then the fault, so that each kind has its share. */
const KINDS = ['run', 'run', 'shared', 'damage'] as const;

/** A run that has ended, and what it said of itself. */
interface Ended {
  readonly job: SoakedJob;
  readonly succeeded: boolean;
}

/** Rounds of faults against the jobs of the reference config, each of which looks at the stores afterwards. */
export class Soak {
  public static async begin(seed: number): Promise<Soak> {
    await ready(NEXTGEN);
    const volumes = volumePlanOf(NEXTGEN);
    for (const claim of volumes.claims) {
      await (await MountedClaim.mount(volumes.namespace, claim)).write('state', 'worth a snapshot\n');
    }
    await provideEmptyPassphrase(JOBS.map(({ namespace }) => namespace));
    const store = await Store.open(NEXTGEN.plan.storage);
    const second = await Store.open(replicationPlanOf(NEXTGEN).target);
    const soak = new Soak(seed, store, await Ledger.open(store), await Ledger.open(second));
    // What is copied and verified has to be captured first.
    for (const capturing of [true, false]) {
      const { notRecovered, wrong } = await soak.good(
        JOBS.filter(({ claims }) => (claims === 'captured') === capturing),
      );
      if (notRecovered.length + wrong.length > 0) {
        throw new Error(`without any fault: ${[...notRecovered, ...wrong].join(', ')}`);
      }
    }
    return soak;
  }

  private round = 0;
  /** How many seconds a run of a job takes. */
  private readonly usual = new Map<string, number>();

  private constructor(
    private readonly seed: number,
    private readonly store: Store,
    private readonly ledger: Ledger,
    private readonly secondLedger: Ledger,
  ) {}

  /** Plays the next round. */
  public async play(): Promise<Round> {
    this.round += 1;
    const kind = KINDS[Math.floor(this.draw('kind') * KINDS.length)];
    if (kind === 'run') {
      return this.runFaults();
    }
    return kind === 'shared' ? this.sharedFault() : this.damage();
  }

  private async runFaults(): Promise<Round> {
    const fault = this.pick(RUN_FAULTS, 'fault');
    const jobs = this.jobs(fault.fits);
    const begun = await Promise.all(
      jobs.map(async (job) => {
        const random = (what: string): number => this.draw(`${job.cronJob}/${what}`);
        return { job, runs: await fault.inject(job, random, this.usual.get(job.cronJob) ?? 10) };
      }),
    );
    const ended = await Promise.all(begun.flatMap(({ job, runs }) => runs.map((run) => this.ended(job, run))));
    return this.judge(fault.name, jobs.length, ended);
  }

  private async sharedFault(): Promise<Round> {
    const fault = this.pick(SHARED_FAULTS, 'fault');
    const jobs = this.jobs(() => true);
    const ended: Ended[] = [];
    await fault.inject(
      jobs,
      (what) => this.draw(what),
      async (runs) => {
        ended.push(...(await Promise.all(runs.map((run, index) => this.ended(jobs[index] as SoakedJob, run)))));
      },
    );
    return this.judge(fault.name, 1, ended);
  }

  /** Damages what verification looks at, which must then fail, and repairs it. */
  private async damage(): Promise<Round> {
    const damage = this.pick(DAMAGES, 'damage');
    const verification = JOBS.find(({ claims }) => claims === 'verified') as SoakedJob;
    const prefixes = dumpsOf(databaseOf(NEXTGEN)).tiers.map(({ prefix }) => prefix);
    const run = newestRun(prefixes, this.ledger.runs());
    const keys = (await this.store.list(run)).filter((key) => !key.endsWith('/backup.json'));
    const key = this.pick(keys, 'object');
    const bytes = await this.store.read(key);
    await damage.do(this.store, key, bytes);
    const ended = await this.ended(verification, await start(verification.namespace, verification.cronJob));
    await this.store.write(key, bytes);
    const wrong = await this.ledger.repaired(run);
    if (wrong !== '') {
      throw new Error(`${run} was not repaired: ${wrong}`);
    }
    const judged = await this.judge(damage.name, 1, [ended]);
    return ended.succeeded
      ? { ...judged, falseSuccesses: [...judged.falseSuccesses, `${verification.cronJob} of ${key}`] }
      : judged;
  }

  /** Looks at what is stored, and lets the same jobs run undisturbed. */
  private async judge(fault: string, faults: number, ended: readonly Ended[]): Promise<Round> {
    const { wrong, lost } = await this.account(ended);
    const jobs = [...new Set(ended.map(({ job }) => job))];
    const after = await this.good(jobs);
    return {
      round: this.round,
      fault,
      faults,
      jobs: jobs.map(({ cronJob }) => cronJob),
      runs: ended.length + jobs.length,
      succeeded: ended.filter(({ succeeded }) => succeeded).length + jobs.length - after.notRecovered.length,
      falseSuccesses: [...wrong, ...after.wrong],
      lost: [...lost, ...after.lost],
      notRecovered: after.notRecovered,
    };
  }

  /** Lets jobs run undisturbed, and says what is wrong then. */
  private async good(
    jobs: readonly SoakedJob[],
  ): Promise<{ readonly wrong: string[]; readonly lost: string[]; readonly notRecovered: string[] }> {
    const ended = await Promise.all(
      jobs.map(async (job) => {
        const begun = Date.now();
        const one = await this.ended(job, await start(job.namespace, job.cronJob));
        this.usual.set(job.cronJob, (Date.now() - begun) / 1000);
        return one;
      }),
    );
    const account = await this.account(ended);
    const notRecovered = ended.filter(({ succeeded }) => !succeeded).map(({ job }) => job.cronJob);
    return { ...account, notRecovered };
  }

  /** Compares what runs said of themselves with what is stored. */
  private async account(ended: readonly Ended[]): Promise<{ readonly wrong: string[]; readonly lost: string[] }> {
    const before = this.ledger.runs();
    const change = await this.ledger.update();
    const second = await this.secondLedger.update();
    const wrong = [...change.untrue, ...second.untrue];
    for (const job of new Set(ended.map((one) => one.job))) {
      const successes = ended.filter((one) => one.job === job && one.succeeded).length;
      for (const prefix of job.prefixes) {
        const committed = change.committed.filter((run) => run.startsWith(`${prefix}/`)).length;
        if (committed < successes) {
          wrong.push(`${job.cronJob}: ${successes} successes, but ${committed} committed below ${prefix}`);
        }
      }
      if (successes > 0 && job.claims === 'copied') {
        const copied = new Set(this.secondLedger.runs());
        const prefixes = replicationPlanOf(NEXTGEN).prefixes.map(({ prefix }) => `${prefix}/`);
        const meant = before.filter((run) => prefixes.some((prefix) => run.startsWith(prefix)));
        wrong.push(...meant.filter((run) => !copied.has(run)).map((run) => `${job.cronJob} has not copied ${run}`));
      }
    }
    return { wrong, lost: [...change.lost, ...second.lost] };
  }

  private async ended(job: SoakedJob, run: Run): Promise<Ended> {
    const succeeded = (await outcome(run, 600)) === 'Complete';
    if (!succeeded) {
      say(`${run.job} failed: ${lastWords(await evidence(run))}`);
    }
    await finish(run);
    return { job, succeeded };
  }

  private jobs(fits: (job: SoakedJob) => boolean): SoakedJob[] {
    return JOBS.filter(fits)
      .map((job) => ({ job, rank: this.draw(`job ${job.cronJob}`) }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, AT_ONCE)
      .map(({ job }) => job);
  }

  private pick<T>(all: readonly T[], what: string): T {
    return all[Math.floor(this.draw(what) * all.length)] as T;
  }

  private draw(what: string): number {
    return draw(this.seed, this.round, what);
  }
}

/** What a run said last of what went wrong, or else what is said of it. */
function lastWords(text: string): string {
  // The controller of CronJobs wonders about every run that it has not started itself.
  const lines = text.split('\n').filter((line) => !line.startsWith('---') && !line.includes('UnexpectedJob'));
  return lines.filter((line) => / error: /.test(line)).at(-1) ?? lines.at(-1) ?? 'it said nothing';
}
