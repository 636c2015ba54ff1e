import { endOfAuditLog } from '../machine/audit';
import { down, up } from '../machine/cluster';
import { say, step } from '../machine/log';
import { sandboxPid } from '../machine/sandbox';
import { reset } from './reset';
import { offencesSince } from './watch';
import { OWN_CLUSTER } from './which-cluster';

/**
 * Starts the cluster of this machine unless one is running or given. Afterwards fails the run for everything that was denied or refused in
 * it, and stops what it started.
 */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  if (!OWN_CLUSTER) {
    say(`using the cluster of ${process.env.KUBECONFIG}; what its API server denies is not watched`);
    await step('removing what earlier tests left', reset);
    return undefined;
  }
  const running = (await sandboxPid()) !== undefined;
  await up();
  await step('removing what earlier tests left', reset);
  const begin = await endOfAuditLog();
  return async () => {
    await reportOffences(begin);
    if (!running) {
      await down();
    }
  };
}

async function reportOffences(begin: number): Promise<void> {
  const offences = await offencesSince(begin);
  for (const { line } of offences) {
    say(`denied or refused: ${line}`);
  }
  say(`${offences.length} requests were denied or refused that no test declares`);
  if (offences.length > 0) {
    // An error that is thrown here is printed, but does not fail the run.
    process.exitCode = 1;
  }
}
