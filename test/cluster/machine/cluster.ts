import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { STORES } from '../stores';
import { ADDRESSES } from './addresses';
import { startContainerRuntime } from './container-runtime';
import { configureNetwork, kubectl, provideEtcdCertificates, startControlPlane } from './control-plane';
import { buildCsiDriver, PROVIDER_SNAPSHOTS, startCsi } from './csi';
import { installDebianPackages } from './debian-packages';
import { requireFreeDisk } from './disk';
import { startDns } from './dns';
import { buildGoBinaries } from './go-binaries';
import { buildImages } from './image-archives';
import { say, step } from './log';
import { startNode } from './node';
import { installAzurite, STORES_FOLDER, startObjectStores, stopObjectStores } from './object-stores';
import { defineMonitoringKinds, installOperators } from './operators';
import { CACHED, STATE, WATCHED } from './paths';
import { attempt, run } from './run';
import { createSandbox, destroySandbox, sandboxPid } from './sandbox';

/** Written last, so that a start that was interrupted does not pass for a running cluster. */
const READY = join(STATE, 'ready');

/** What is not lost with a cluster. */
const ELSEWHERE = [STORES_FOLDER, PROVIDER_SNAPSHOTS, WATCHED];

/** Where it waits for the next cluster. */
const ASIDE = `${STATE}-aside`;

/** Builds or fetches what is missing, starts the cluster and waits until it can be used. Does nothing when it runs already. */
export async function up(): Promise<void> {
  if (existsSync(READY) && (await sandboxPid()) !== undefined) {
    say('the cluster is running');
    return;
  }
  await down();
  await start();
}

/** Loses the cluster with all that its nodes and disks held, and starts an empty one. Object stores and the provider's snapshots are elsewhere. */
export async function replace(): Promise<void> {
  await stopObjectStores();
  await step('losing the cluster', async () => {
    const kept = ELSEWHERE.map((folder) => ({ folder, saved: join(ASIDE, folder) }));
    await rm(ASIDE, { recursive: true, force: true });
    for (const { folder, saved } of kept) {
      await mkdir(dirname(saved), { recursive: true });
      await rename(folder, saved);
    }
    await destroySandbox();
    for (const { folder, saved } of kept) {
      await mkdir(dirname(folder), { recursive: true });
      await rename(saved, folder);
    }
    await rm(ASIDE, { recursive: true });
  });
  await start();
}

async function start(): Promise<void> {
  await mkdir(CACHED.work, { recursive: true });
  await installDebianPackages();
  await buildGoBinaries();
  const driver = await buildCsiDriver();
  await installAzurite();
  const archives = await buildImages();
  await rm(CACHED.work, { recursive: true, force: true });

  await requireFreeDisk(STATE, 8, 'the cluster');
  try {
    await step('sandbox', createSandbox);
    await step('network', configureNetwork);
    await step('certificates of etcd', provideEtcdCertificates);
    await step('container runtime and images', () => startContainerRuntime(archives));
    await step('control plane', startControlPlane);
    await step('object stores', startObjectStores);
    await step('DNS', () =>
      startDns({
        [STORES.azure.host]: ADDRESSES.azure,
        [STORES.azureSecond.host]: ADDRESSES.azure,
        [STORES.s3.host]: ADDRESSES.s3,
        [STORES.gcs.host]: ADDRESSES.gcs,
        [STORES.gcs.tokenHost]: ADDRESSES.gcs,
      }),
    );
    await step('node', startNode);
    await step('volumes and snapshots', () => startCsi(driver));
    await step('kinds of Prometheus Operator', defineMonitoringKinds);
    await step('CloudNativePG and the Barman Cloud plugin', installOperators);
  } catch (error) {
    say(`the logs are in ${join(STATE, 'logs')}; npm run cluster:down removes everything`);
    throw error;
  }
  await writeFile(READY, '');
  say('the cluster is ready');
}

/** Stops the cluster and removes all that it left on the machine, but for the cache. */
export async function down(): Promise<void> {
  // A replacement that was killed has left it.
  await rm(ASIDE, { recursive: true, force: true });
  if (!existsSync(STATE)) {
    say('no cluster is running');
    return;
  }
  await step('stopping the cluster', destroySandbox);
}

/** Prints the nodes and pods of the cluster, and whether it is complete. */
export async function status(): Promise<void> {
  if ((await sandboxPid()) === undefined) {
    process.stdout.write('the cluster is not running\n');
    process.exitCode = 1;
    return;
  }
  process.stdout.write(existsSync(READY) ? 'the cluster is running\n' : 'the cluster was not started to its end\n');
  const answer = await attempt(await kubectl(['get', 'nodes,pods', '--all-namespaces']));
  process.stdout.write(answer.out || answer.err);
  process.stdout.write(await run(['du', '-sh', STATE]));
}
