import { down, up } from '../machine/cluster';
import { say, step } from '../machine/log';
import { sandboxPid } from '../machine/sandbox';
import { reset } from './reset';

/** Starts the cluster of this machine unless one is running or given, and afterwards stops what it started. */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.KUBECONFIG !== undefined) {
    say(`using the cluster of ${process.env.KUBECONFIG}`);
    await step('removing what earlier tests left', reset);
    return undefined;
  }
  const running = (await sandboxPid()) !== undefined;
  await up();
  await step('removing what earlier tests left', reset);
  return running ? undefined : down;
}
