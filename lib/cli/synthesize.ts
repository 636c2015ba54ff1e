import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { App } from 'cdk8s';
import { DisasterRecovery } from '../charts';
import type { DisasterRecoveryConfig } from '../config';
import { DisasterRecoveryError } from '../plan';
import { planTable } from './plan-table';

const MANIFEST = '.k8s.yaml';

/**
 * Synthesises a config into a folder and prints the plan to standard error. All manifests are written or none: with a bad config the
 * folder is left as it is, the problems are printed, and the process exits with 1.
 */
export function synthesize(config: DisasterRecoveryConfig, outdir: string): void {
  const target = resolve(outdir);
  mkdirSync(dirname(target), { recursive: true });
  const staging = mkdtempSync(join(dirname(target), '.synth-'));
  try {
    const app = new App({ outdir: staging });
    const plan = DisasterRecovery.addTo(app, config);
    app.synth();
    publish(staging, target);
    // The cdk8s CLI looks for manifests in a folder of its own, which it empties before it starts the app.
    const cliFolder = process.env.CDK8S_OUTDIR;
    if (cliFolder !== undefined && resolve(cliFolder) !== target) {
      mkdirSync(cliFolder, { recursive: true });
      cpSync(target, cliFolder, { recursive: true });
    }
    process.stderr.write(`${planTable(plan)}\n`);
  } catch (error) {
    if (!(error instanceof DisasterRecoveryError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Moves new manifests in and removes those of charts that are gone; other files in the folder are not ours. */
function publish(staging: string, target: string): void {
  mkdirSync(target, { recursive: true });
  const fresh = readdirSync(staging).filter((name) => name.endsWith(MANIFEST));
  for (const name of fresh) {
    renameSync(join(staging, name), join(target, name));
  }
  for (const name of existsSync(target) ? readdirSync(target) : []) {
    if (name.endsWith(MANIFEST) && !fresh.includes(name)) {
      rmSync(join(target, name));
    }
  }
}
