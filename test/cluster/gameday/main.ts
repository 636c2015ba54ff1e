import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { down, up } from '../machine/cluster';
import { say, step } from '../machine/log';
import { sandboxPid } from '../machine/sandbox';
import { runProgram, wholeNumber } from '../support/program';
import { reset } from '../support/reset';
import { OWN_CLUSTER } from '../support/which-cluster';
import { GameDays } from './game-day';
import type { Result } from './result';
import { USUAL_RPO } from './site';
import { missedOf, tableOf } from './table';

const USAGE = `npm run gameday -- [options]

Loses a database on the cluster of this machine again and again, and recovers it by what cdk8s-dr restore prints.
Exits with 1 when an objective is missed.

  --runs N        how many games, 2 without it
  --seed N        what disasters and their moments are drawn from, 1 without it
  --rpo SECONDS   objective of the database, ${USUAL_RPO} without it
  --report FILE   writes the figures of every game as JSON
`;

const OPTIONS = {
  runs: { type: 'string', default: '2' },
  seed: { type: 'string', default: '1' },
  rpo: { type: 'string', default: String(USUAL_RPO) },
  report: { type: 'string' },
  help: { type: 'boolean' },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const runs = wholeNumber('runs', values.runs);
  const rules = { seed: wholeNumber('seed', values.seed), rpo: wholeNumber('rpo', values.rpo) };
  const running = !OWN_CLUSTER || (await sandboxPid()) !== undefined;
  if (OWN_CLUSTER) {
    await up();
  }
  await step('removing what earlier tests left', reset);
  const results: Result[] = [];
  const games = await GameDays.begin(rules);
  try {
    while (results.length < runs) {
      const result = await games.play();
      results.push(result);
      say(`game ${result.game}: lost ${result.lost} s, restored in ${result.restore} s`);
      if (values.report !== undefined) {
        writeFileSync(values.report, `${JSON.stringify({ ...rules, results }, null, 2)}\n`);
      }
    }
  } finally {
    process.stdout.write(tableOf(results));
  }
  await games.end();
  if (!running) {
    await down();
  }
  process.exitCode = missedOf(results).length === 0 ? 0 : 1;
}

runProgram(main);
