import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGES } from '../images';
import { ADDRESSES } from './addresses';
import { step } from './log';
import { CACHED, CLUSTER, STATE } from './paths';
import { attempt, run, until } from './run';
import { inside, sandboxed, startInside } from './sandbox';

/** Where the container runtime answers. */
export const RUNTIME_SOCKET = join(STATE, 'containerd.sock');

const CNI = join(STATE, 'cni');
const CONFIG = join(STATE, 'containerd.toml');
const ROOT = join(STATE, 'containerd');

/** Starts the container runtime with the images of some archives, under their production names. */
export async function startContainerRuntime(archives: readonly string[]): Promise<void> {
  await mkdir(CNI, { recursive: true });
  await writeFile(join(CNI, '10-bridge.conflist'), JSON.stringify(podNetwork()));
  await writeFile(
    CONFIG,
    `version = 2
root = "${ROOT}"
state = "/run/containerd"
[grpc]
  address = "${RUNTIME_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGES.pause.reference}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${CNI}"
`,
  );
  await provideImages(archives);
  await runContainerRuntime();
}

/** Starts the container runtime where it was started before. */
export async function runContainerRuntime(): Promise<void> {
  await startInside('containerd', ['containerd', '--config', CONFIG]);
  await until('container runtime', 30, async () => {
    const outcome = await attempt(await sandboxed(['ctr', '--address', RUNTIME_SOCKET, 'version']));
    return outcome.code === 0 ? '' : outcome.err.trim();
  });
}

/** Unpacking takes most of a start, so what comes of it is kept, and later starts share its files. */
async function provideImages(archives: readonly string[]): Promise<void> {
  const key = createHash('sha256').update(archives.join('\n')).digest('hex').slice(0, 12);
  const kept = join(CACHED.images, `unpacked-${key}`);
  if (existsSync(kept)) {
    await utimes(kept, new Date(), new Date());
    return shareFiles(kept, ROOT);
  }
  await step('unpacking images', () => inside(['sh', '-euc', IMPORT, CONFIG, RUNTIME_SOCKET, ...archives]));
  // Worktrees with different images may take turns; each of theirs is some gigabytes.
  await run(['sh', '-euc', `ls -dt "$1"/unpacked-* 2>/dev/null | tail -n +3 | xargs -r rm -rf`, 'sh', CACHED.images]);
  const partial = `${kept}-${CLUSTER}`;
  await rm(partial, { recursive: true, force: true });
  await shareFiles(ROOT, partial);
  if (!existsSync(kept)) {
    await rename(partial, kept);
  }
}

/** Imports archives with a runtime that ends afterwards, so that its databases can be copied. */
const IMPORT = `containerd --config "$0" >/dev/null 2>&1 &
socket=$1
shift
tries=0
until ctr --address "$socket" version >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { echo "the container runtime does not answer"; exit 1; }
  sleep 0.2
done
for archive in "$@"; do
  ctr --address "$socket" --namespace k8s.io images import "$archive" >/dev/null
done
kill $!
wait $! || true
`;

/** Copies a runtime's root folder. Layers and contents never change, so the files are the same ones where the file system allows it. */
async function shareFiles(from: string, to: string): Promise<void> {
  const script = `mkdir -p "$(dirname "$2")"
cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$1" "$2"; exit; }
cd "$1"
find . -name '*.db' -exec cp --remove-destination {} "$2/{}" ';'`;
  await run(['sh', '-euc', script, 'sh', from, to]);
}

function podNetwork(): unknown {
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: ADDRESSES.nodePods }]],
    routes: [{ dst: '0.0.0.0/0' }],
    dataDir: '/run/cni',
  };
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [{ type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipam }],
  };
}
