import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellBlocks } from '../../../lib/recovery';
import { attempt } from '../machine/run';
import type { Site } from '../support/site';

/** What `cdk8s-dr restore database` printed, in the parts in which a person uses it. */
export interface PrintedRestore {
  /** Standard output: the manifests. */
  readonly manifests: string;
  /** The steps before they are created. */
  readonly before: string[];
  /** What creates them, without the manifests. */
  readonly create: string;
  /** What follows in the same step: the wait. */
  readonly wait: string;
  /** The steps after it: validation, the first base backup, what the applications need. */
  readonly after: string[];
}

/** Runs the real command on synthesised manifests in a folder, which are all that it is given. */
export async function printedRestore(folder: string, site: Site, database: string): Promise<PrintedRestore> {
  const dist = mkdtempSync(join(folder, 'dist-'));
  for (const [name, text] of site.files) {
    writeFileSync(join(dist, name), text);
  }
  const command = ['node', '--import', 'tsx', 'lib/cli/main.ts', 'restore', 'database', database];
  const outcome = await attempt([...command, '--own-name', '--latest', '--plan', dist]);
  if (outcome.code !== 0 || outcome.out === '') {
    throw new Error(`the command printed no manifests: ${outcome.err}`);
  }
  return partsOf(outcome.out, outcome.err);
}

/** The line that prints the manifests of a step again, and creates them. */
const CREATE = /^npx cdk8s-dr restore .* --step \d+ \| (kubectl create .*)\n/;

/** Takes the printed steps apart at the first that creates something, which is what standard output holds. */
export function partsOf(manifests: string, steps: string): PrintedRestore {
  // After that stands how to back out, which nobody wants.
  const [forward = ''] = steps.split('**It worked when**');
  const blocks = shellBlocks(forward);
  const index = blocks.findIndex((block) => CREATE.test(block));
  const block = blocks[index] ?? '';
  const [line = '', create = ''] = CREATE.exec(block) ?? [];
  const wait = block.slice(line.length);
  if (create === '' || wait === '') {
    throw new Error(`the steps do not create what was printed to standard output:\n${steps}`);
  }
  return { manifests, before: blocks.slice(0, index), create, wait, after: blocks.slice(index + 1) };
}
