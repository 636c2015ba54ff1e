import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { down, up } from '../../test/cluster/machine/cluster';
import { say, step } from '../../test/cluster/machine/log';
import { sandboxPid } from '../../test/cluster/machine/sandbox';
import { dumpsOf, tierOf } from '../../test/cluster/support/dumps';
import { removeNamespace } from '../../test/cluster/support/provide';
import { databaseOf, ready } from '../../test/cluster/support/site';
import { Store } from '../../test/cluster/support/store';
import { Bare } from './bare';
import { fill } from './content';
import { measure } from './measure';
import { benchSite } from './site';
import { type SizeFigures, tables, type WayFigures } from './table';

const USAGE = `npm run bench:jobs -- [options]

Measures the dump job and the verification on the cluster of this machine against bare pg_dump, rclone and pg_restore, and prints tables.

  --sizes LIST    sizes of the database in GB, 0.1,1,5 without it
  --ways GB       size at which ways to dump are compared, 1 without it, 0 for none
  --report FILE   writes all figures as JSON
`;

const OPTIONS = {
  sizes: { type: 'string', default: '0.1,1,5' },
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
  const running = (await sandboxPid()) !== undefined;
  await up();
  const site = benchSite();
  const database = databaseOf(site);
  const { tiers, verification, parallelJobs, compression } = dumpsOf(database);
  await step('removing what earlier runs left', () => removeNamespace(database.namespace));
  await ready(site);
  const store = await Store.open(site.plan.storage);
  const bare = await Bare.begin(database, store);
  const tier = tierOf(database, tiers[0]?.name ?? '');
  const sizes: SizeFigures[] = [];
  const ways: WayFigures[] = [];
  for (const gigabytes of values.sizes.split(',').map(Number)) {
    const bytes = await step(`a database of ${gigabytes} GB`, () => fill(database, gigabytes * 1e9));
    // Once before, so that neither side is the first to read the tables.
    await bare.dump({ compression, jobs: parallelJobs });
    const { seconds: bareDump, bytes: dumpBytes } = await bare.dump({ compression, jobs: parallelJobs });
    const bareCopy = await bare.copy();
    const dump = await measure(database.namespace, tier.jobName);
    const bareRestore = await bare.restore(parallelJobs);
    // The verification looks at the newest dump of each tier.
    for (const other of tiers.filter(({ jobName }) => jobName !== tier.jobName)) {
      await measure(database.namespace, other.jobName);
    }
    const verified = await measure(database.namespace, verification.jobName);
    sizes.push({ database: bytes, dumpBytes, bareDump, bareCopy, bareRestore, dump, verification: verified });
    if (gigabytes === Number(values.ways)) {
      for (const way of WAYS) {
        ways.push({ ...way, ...(await bare.dump(way)) });
      }
    }
    if (values.report !== undefined) {
      writeFileSync(values.report, `${JSON.stringify({ sizes, ways }, null, 2)}\n`);
    }
    say(`measured ${gigabytes} GB`);
  }
  process.stdout.write(tables(sizes, ways));
  await step('removing the database', () => removeNamespace(database.namespace));
  if (!running) {
    await down();
  }
}

main().then(
  // Programs that were started go on; their handles must not keep this one.
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(1);
  },
);
