import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { down, up } from '../machine/cluster';
import { say, step } from '../machine/log';
import { sandboxPid } from '../machine/sandbox';
import { runProgram, wholeNumber } from '../support/program';
import { reset } from '../support/reset';
import { Soak } from './soak';
import { faultsOf, type Round, tallyOf, wrong } from './tally';

const USAGE = `npm run soak -- [options]

Injects random faults into the jobs of the reference config on the cluster of this machine, round after round, and compares what every
run says of itself with what is stored. Exits with 1 when a success was none, a committed copy was lost, or a job did not recover.

  --faults N      how many faults to inject at least, 100 without it
  --seed N        what faults and their moments are drawn from, 1 without it
  --report FILE   writes every round as JSON
`;

const OPTIONS = {
  faults: { type: 'string', default: '100' },
  seed: { type: 'string', default: '1' },
  report: { type: 'string' },
  help: { type: 'boolean' },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const faults = wholeNumber('faults', values.faults);
  const seed = wholeNumber('seed', values.seed);
  const running = (await sandboxPid()) !== undefined;
  await up();
  await step('removing what earlier tests left', reset);
  const rounds: Round[] = [];
  const soak = await Soak.begin(seed);
  try {
    while (faultsOf(rounds) < faults) {
      const round = await soak.play();
      rounds.push(round);
      say(`round ${round.round}: ${round.fault} in ${round.jobs.join(', ')}; ${faultsOf(rounds)} faults`);
      for (const what of wrong(round)) {
        say(what);
      }
      if (values.report !== undefined) {
        writeFileSync(values.report, `${JSON.stringify({ seed, rounds }, null, 2)}\n`);
      }
    }
  } finally {
    process.stdout.write(tallyOf(rounds));
  }
  if (!running) {
    await down();
  }
  process.exitCode = rounds.some((round) => wrong(round).length > 0) ? 1 : 0;
}

runProgram(main);
