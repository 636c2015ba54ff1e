import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { DatabasePlan } from '../../lib';
import { down, up } from '../../test/cluster/machine/cluster';
import { step } from '../../test/cluster/machine/log';
import { sandboxPid } from '../../test/cluster/machine/sandbox';
import { dumpsOf } from '../../test/cluster/support/dumps';
import { runProgram, wholeNumber } from '../../test/cluster/support/program';
import { removeNamespace } from '../../test/cluster/support/provide';
import { databaseOf, ready } from '../../test/cluster/support/site';
import { Store } from '../../test/cluster/support/store';
import { Bare } from './bare';
import { fill } from './content';
import { time, watch } from './measure';
import { benchSite } from './site';
import { type RoundFigures, type SizeFigures, tables, type WayFigures } from './table';

const USAGE = `npm run bench:jobs -- [options]

Measures the dump job and the verification on the cluster of this machine against bare pg_dump, rclone and pg_restore, and prints tables.

  --sizes LIST    sizes of the database in GB, 0.1,1,5 without it
  --rounds N      how often each size is measured, 3 without it; tables have medians
  --ways GB       size at which ways to dump are compared, 1 without it, 0 for none
  --report FILE   writes all figures as JSON
`;

const OPTIONS = {
  sizes: { type: 'string', default: '0.1,1,5' },
  rounds: { type: 'string', default: '3' },
  ways: { type: 'string', default: '1' },
  report: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Compressions and numbers of connections that pg_dump can be given. */
const WAYS = ['zstd:3', 'zstd:1', 'zstd:9', 'lz4', 'gzip:1', 'gzip:6', 'none'].flatMap((compression) =>
  (compression === 'zstd:3' ? [2, 1, 4] : [2]).map((jobs) => ({ compression, jobs })),
);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const targets = values.sizes.split(',').map((text) => gigabytes('sizes', text));
  const compared = gigabytes('ways', values.ways);
  const times = wholeNumber('rounds', values.rounds);
  const running = (await sandboxPid()) !== undefined;
  await up();
  const site = benchSite();
  const database = databaseOf(site);
  const { tiers, verification, parallelJobs, compression } = dumpsOf(database);
  const store = await Store.open(site.plan.storage);
  await step('removing what earlier runs left', async () => {
    await removeNamespace(database.namespace);
    // A new Cluster refuses to archive beside the WAL of another one.
    await store.removeAll(database.path);
  });
  await ready(site);
  const bare = await Bare.begin(database, store);
  const sizes: SizeFigures[] = [];
  const ways: WayFigures[] = [];
  for (const target of targets) {
    const bytes = await step(`a database of ${target} GB`, () => fill(database, target * 1e9));
    // Before any time is taken, so that neither side is the first to read the tables, and every tier has a dump that is fresh.
    const { bytes: dumpBytes } = await bare.dump({ compression, jobs: parallelJobs });
    for (const { jobName } of tiers.slice(1)) {
      await time(database.namespace, jobName);
    }
    const used = await step(`what jobs use at ${target} GB`, async () => ({
      dump: await watch(database.namespace, tiers[0]?.jobName ?? ''),
      verification: await watch(database.namespace, verification.jobName),
    }));
    const rounds: RoundFigures[] = [];
    while (rounds.length < times) {
      rounds.push(await step(`round ${rounds.length + 1} of ${target} GB`, () => playRound(database, bare)));
    }
    sizes.push({ database: bytes, dumpBytes, rounds, used });
    if (target === compared) {
      for (const way of WAYS) {
        ways.push({ ...way, ...(await bare.dump(way)), readSeconds: await bare.read() });
      }
    }
    if (values.report !== undefined) {
      writeFileSync(values.report, `${JSON.stringify({ sizes, ways }, null, 2)}\n`);
    }
  }
  process.stdout.write(tables(sizes, ways));
  await step('removing the database', () => removeNamespace(database.namespace));
  if (!running) {
    await down();
  }
}

/** The jobs and the bare programs by turns. */
async function playRound(database: DatabasePlan, bare: Bare): Promise<RoundFigures> {
  const { tiers, verification, parallelJobs, compression } = dumpsOf(database);
  const { seconds: fileDump, bytes: fileBytes } = await bare.dumpToFile();
  const fileCopy = await bare.copy();
  const { seconds: bareDump } = await bare.dump({ compression, jobs: parallelJobs });
  const bareCopy = await bare.copy();
  const dump = await time(database.namespace, tiers[0]?.jobName ?? '');
  const bareRestore = await bare.restore(parallelJobs);
  return {
    file: { dump: fileDump, copy: fileCopy, bytes: fileBytes },
    bareDump,
    bareCopy,
    bareRestore,
    dump,
    verification: await time(database.namespace, verification.jobName),
  };
}

function gigabytes(option: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new Error(`--${option} has "${text}"; it is a number of GB, as 0.1 or 5`);
  }
  return Number(text);
}

runProgram(main);
