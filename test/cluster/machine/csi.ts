import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE } from './addresses';
import { ADMIN_KUBECONFIG, apply, kubectl } from './control-plane';
import { goBinary } from './go-binaries';
import { step } from './log';
import { upstreamManifests } from './manifests';
import { KUBELET } from './node';
import { CACHED, STATE } from './paths';
import { attempt, run, until } from './run';
import { startInside } from './sandbox';

const SOURCE = join(__dirname, '../csi');

/** The driver that ours stands for: the one of the reference config's classes. */
export const CSI_DRIVER = 'disk.csi.azure.com';

/** Folder of all volumes and snapshots. */
const DATA = join(STATE, 'csi', 'data');

/** Folder of the snapshots, which the provider keeps whatever happens to a cluster. */
export const PROVIDER_SNAPSHOTS = join(DATA, 'snapshots');

/** Folder of a volume. */
export function volumeFolder(handle: string): string {
  return join(DATA, 'volumes', handle);
}

/** Builds the project's own CSI driver into the cache, keyed by its source. */
export async function buildCsiDriver(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(SOURCE)).filter((name) => /^go\.|(?<!_test)\.go$/.test(name)).sort()) {
    hash.update(file).update(await readFile(join(SOURCE, file)));
  }
  const binary = join(CACHED.binaries, `csi-driver-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(binary)) {
    await step('building the CSI driver', () =>
      withGo(async (go, caches) => {
        const built = join(caches, 'csi-driver');
        await go(['build', '-trimpath', '-ldflags', '-s -w', '-o', built, '.']);
        await mkdir(CACHED.binaries, { recursive: true });
        await rename(built, binary);
      }),
    );
  }
  return binary;
}

/** Runs the driver's own tests, of what csi-sanity cannot see. */
export async function testCsiDriver(): Promise<void> {
  await withGo(async (go) => {
    await go(['vet', './...']);
    await go(['test', './...']);
  });
}

/** Runs Go in the driver's source, with caches that are removed afterwards. */
async function withGo(
  work: (go: (args: readonly string[]) => Promise<string>, caches: string) => Promise<void>,
): Promise<void> {
  const caches = join(CACHED.work, 'csi');
  const env = {
    ...process.env,
    ...{ GOMODCACHE: join(caches, 'mod'), GOCACHE: join(caches, 'build'), GOWORK: 'off', GOTOOLCHAIN: 'local' },
    ...{ CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -modcacherw' },
  };
  await mkdir(caches, { recursive: true });
  await work((args) => run(['go', ...args], { cwd: SOURCE, env }), caches);
  await rm(caches, { recursive: true, force: true });
}

/** Starts the driver with Kubernetes' own provisioner and snapshotter, and the snapshot controller. */
export async function startCsi(driver: string): Promise<void> {
  const folder = join(STATE, 'csi');
  const socket = join(folder, 'csi.sock');
  const registration = join(KUBELET, 'plugins_registry');
  await mkdir(registration, { recursive: true });
  await mkdir(folder, { recursive: true });
  for (const file of await upstreamManifests('snapshotCrds')) {
    await apply(await readFile(file, 'utf8'));
  }
  await apply(
    JSON.stringify({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: CSI_DRIVER },
      spec: { attachRequired: false, fsGroupPolicy: 'File' },
    }),
  );
  await startInside('csi-driver', [
    driver,
    ...[`--driver-name=${CSI_DRIVER}`, `--node-id=${NODE}`, `--socket=${socket}`],
    ...[`--data=${DATA}`, `--registration-dir=${registration}`],
  ]);
  await until('CSI driver', 30, async () => {
    const outcome = await attempt(await kubectl(['get', 'csinode', NODE, '-o', 'jsonpath={.spec.drivers[*].name}']));
    return outcome.out.includes(CSI_DRIVER) ? '' : outcome.err.trim() || 'not registered';
  });
  await startInside('csi-provisioner', [
    goBinary('csi-provisioner'),
    ...[`--csi-address=${socket}`, `--kubeconfig=${ADMIN_KUBECONFIG}`, '--default-fstype=ext4'],
  ]);
  await startInside('csi-snapshotter', [
    goBinary('csi-snapshotter'),
    ...[`--csi-address=${socket}`, `--kubeconfig=${ADMIN_KUBECONFIG}`],
  ]);
  await startInside('snapshot-controller', [goBinary('snapshot-controller'), `--kubeconfig=${ADMIN_KUBECONFIG}`]);
}
