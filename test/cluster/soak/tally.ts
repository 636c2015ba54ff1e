/** What came of one round. */
export interface Round {
  readonly round: number;
  readonly fault: string;
  /** How many faults were injected: one that everything shared, or one for each run that had its own. */
  readonly faults: number;
  /** Jobs that ran. */
  readonly jobs: readonly string[];
  readonly runs: number;
  /** Runs that reported a success. */
  readonly succeeded: number;
  /** Successes that were none, and commit markers of what cannot be restored. */
  readonly falseSuccesses: readonly string[];
  /** Committed copies that are gone, or are not what they were. */
  readonly lost: readonly string[];
  /** Jobs whose next run did not succeed either. */
  readonly notRecovered: readonly string[];
}

/** The rounds by fault as a Markdown table, and what they come to. */
export function tallyOf(rounds: readonly Round[]): string {
  const names = [...new Set(rounds.map(({ fault }) => fault))].sort();
  const rows = names.map((name) =>
    row(
      name,
      rounds.filter(({ fault }) => fault === name),
    ),
  );
  return [
    '| fault | injected | runs | succeeded | false successes | copies lost | not recovered |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    row('all', rounds),
    '',
  ].join('\n');
}

/** Whether a round has found a false success, a copy that is lost, or a job that does not recover. */
export function wrong({ falseSuccesses, lost, notRecovered }: Round): readonly string[] {
  return [
    ...falseSuccesses.map((what) => `false success: ${what}`),
    ...lost.map((what) => `copy lost: ${what}`),
    ...notRecovered.map((what) => `not recovered: ${what}`),
  ];
}

/** Faults injected in some rounds. */
export function faultsOf(rounds: readonly Round[]): number {
  return sum(rounds, ({ faults }) => faults);
}

function row(name: string, rounds: readonly Round[]): string {
  const cells = [
    name,
    faultsOf(rounds),
    sum(rounds, ({ runs }) => runs),
    sum(rounds, ({ succeeded }) => succeeded),
    sum(rounds, ({ falseSuccesses }) => falseSuccesses.length),
    sum(rounds, ({ lost }) => lost.length),
    sum(rounds, ({ notRecovered }) => notRecovered.length),
  ];
  return `| ${cells.join(' | ')} |`;
}

function sum(rounds: readonly Round[], figure: (round: Round) => number): number {
  return rounds.reduce((total, round) => total + figure(round), 0);
}
