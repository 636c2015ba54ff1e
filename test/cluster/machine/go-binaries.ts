import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VERSIONS } from '../versions';
import { requireFreeDisk } from './disk';
import { step } from './log';
import { CACHED } from './paths';
import { run } from './run';

/** Programs that are built from one Go module. */
interface GoModule {
  readonly module: string;
  readonly version: string;
  /** Name of each binary, and its package below the module. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly ldflags?: readonly string[];
  /** Build tags, which leave out what is not needed. */
  readonly tags?: readonly string[];
  /** Version under which the modules of neighbouring folders are released, where it is another. */
  readonly neighbours?: string;
}

const KUBERNETES_COMMANDS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
];

const MODULES = {
  kubernetes: {
    module: 'k8s.io/kubernetes',
    version: VERSIONS.kubernetes,
    binaries: Object.fromEntries(KUBERNETES_COMMANDS.map((name) => [name, `cmd/${name}`])),
    ldflags: ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) => [
      `-X ${path}.gitVersion=${VERSIONS.kubernetes}`,
      `-X ${path}.gitMajor=${VERSIONS.kubernetes.slice(1).split('.')[0]}`,
      `-X ${path}.gitMinor=${VERSIONS.kubernetes.split('.')[1]}`,
      `-X ${path}.gitTreeState=clean`,
    ]),
    neighbours: VERSIONS.kubernetes.replace('v1.', 'v0.'),
  },
  etcd: { module: 'go.etcd.io/etcd/server/v3', version: VERSIONS.etcd, binaries: { etcd: '' } },
  etcdctl: { module: 'go.etcd.io/etcd/etcdctl/v3', version: VERSIONS.etcd, binaries: { etcdctl: '' } },
  etcdutl: { module: 'go.etcd.io/etcd/etcdutl/v3', version: VERSIONS.etcd, binaries: { etcdutl: '' } },
  coredns: { module: 'github.com/coredns/coredns', version: VERSIONS.coredns, binaries: { coredns: '' } },
  cloudNativePg: {
    module: 'github.com/cloudnative-pg/cloudnative-pg',
    version: VERSIONS.cloudNativePg,
    binaries: { 'cnpg-manager': 'cmd/manager' },
  },
  barmanPlugin: {
    module: 'github.com/cloudnative-pg/plugin-barman-cloud',
    version: VERSIONS.barmanPlugin,
    binaries: { 'plugin-manager': 'cmd/manager' },
  },
  externalSnapshotter: {
    module: 'github.com/kubernetes-csi/external-snapshotter/v8',
    version: VERSIONS.externalSnapshotter,
    binaries: { 'snapshot-controller': 'cmd/snapshot-controller', 'csi-snapshotter': 'cmd/csi-snapshotter' },
  },
  externalProvisioner: {
    module: 'github.com/kubernetes-csi/external-provisioner/v6',
    version: VERSIONS.externalProvisioner,
    binaries: { 'csi-provisioner': 'cmd/csi-provisioner' },
  },
  csiTest: {
    module: 'github.com/kubernetes-csi/csi-test/v5',
    version: VERSIONS.csiTest,
    binaries: { 'csi-sanity': 'cmd/csi-sanity' },
  },
  pushgateway: {
    module: 'github.com/prometheus/pushgateway',
    version: VERSIONS.pushgateway,
    binaries: { pushgateway: '' },
  },
  prometheus: {
    module: 'github.com/prometheus/prometheus',
    version: VERSIONS.prometheus,
    binaries: { prometheus: 'cmd/prometheus', promtool: 'cmd/promtool' },
    // Of the discoveries of two dozen clouds only that of Kubernetes.
    tags: ['remove_all_sd', 'enable_kubernetes_sd'],
  },
  kubeStateMetrics: {
    module: 'k8s.io/kube-state-metrics/v2',
    version: VERSIONS.kubeStateMetrics,
    binaries: { 'kube-state-metrics': '' },
  },
  rclone: {
    module: 'github.com/rclone/rclone',
    version: VERSIONS.rclone,
    binaries: { rclone: '' },
  },
  versitygw: {
    module: 'github.com/versity/versitygw',
    version: VERSIONS.versitygw,
    binaries: { versitygw: 'cmd/versitygw' },
  },
  fakeGcsServer: {
    module: 'github.com/fsouza/fake-gcs-server',
    version: VERSIONS.fakeGcsServer,
    binaries: { 'fake-gcs-server': '' },
  },
} satisfies Record<string, GoModule>;

/** Name of a Go module of the table. */
export type GoModuleName = keyof typeof MODULES;

/** Every module of the table. */
export const GO_MODULES = Object.keys(MODULES) as GoModuleName[];

const FLAGS = {
  CGO_ENABLED: '0',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  GOFLAGS: '-buildvcs=false -modcacherw -mod=mod',
};

/** Folder that holds the binaries of a module, whether they are built yet or not. */
export function goBinaryFolder(name: GoModuleName): string {
  const recipe: GoModule = MODULES[name];
  const key = createHash('sha256')
    .update(JSON.stringify([recipe, FLAGS]))
    .digest('hex')
    .slice(0, 12);
  return join(CACHED.binaries, `${name}-${recipe.version}-${key}`);
}

/** Path of a built binary. */
export function goBinary(binary: string): string {
  const name = GO_MODULES.find((candidate) => binary in MODULES[candidate].binaries);
  if (name === undefined) {
    throw new Error(`no Go module of the table builds ${binary}`);
  }
  return join(goBinaryFolder(name), binary);
}

/** Builds what is missing of the named modules, one after the other, and removes Go's caches of some 20 GB afterwards. */
export async function buildGoBinaries(names: readonly GoModuleName[] = GO_MODULES): Promise<void> {
  const missing = names.filter((name) => !existsSync(goBinaryFolder(name)));
  const caches = join(CACHED.work, 'go');
  if (missing.length > 0) {
    await requireFreeDisk(CACHED.work, missing.includes('kubernetes') ? 24 : 8, 'building Go programs');
    for (const name of missing) {
      await step(`building ${name} ${MODULES[name].version}`, () => build(name, caches));
    }
  }
  await rm(caches, { recursive: true, force: true });
}

async function build(name: GoModuleName, caches: string): Promise<void> {
  const recipe: GoModule = MODULES[name];
  const env = { ...process.env, ...FLAGS, GOMODCACHE: join(caches, 'mod'), GOCACHE: join(caches, 'build') };
  const source = join(caches, 'source');
  const bin = join(caches, 'bin');
  await rm(source, { recursive: true, force: true });
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin, { recursive: true });
  const info = await run(['go', 'mod', 'download', '-json', `${recipe.module}@${recipe.version}`], {
    env,
    cwd: caches,
  });
  const { GoMod } = JSON.parse(info) as { GoMod: string };
  await mkdir(source);
  await writeFile(join(source, 'go.mod'), wrapper(await readFile(GoMod, 'utf8'), recipe));
  const ldflags = ['-s -w', ...(recipe.ldflags ?? [])].join(' ');
  for (const [binary, path] of Object.entries(recipe.binaries)) {
    const target = path === '' ? recipe.module : `${recipe.module}/${path}`;
    const flags = [
      '-trimpath',
      '-ldflags',
      ldflags,
      ...(recipe.tags === undefined ? [] : ['-tags', recipe.tags.join()]),
    ];
    await run(['go', 'build', ...flags, '-o', join(bin, binary), target], { env, cwd: source });
  }
  await mkdir(CACHED.binaries, { recursive: true });
  await rename(bin, goBinaryFolder(name));
}

/**
 * A module that only requires the one to build, with its replacements, which Go ignores in a dependency. Those by a neighbouring folder, which
 * a module's zip lacks, become the release of the same version.
 */
function wrapper(upstream: string, recipe: GoModule): string {
  const neighbour = recipe.neighbours ?? recipe.version;
  const replacements = [...upstream.matchAll(/^(?:replace|\t)\s*(\S+)(?: \S+)? => (\S+)(?: (\S+))?$/gm)]
    // What etcd wants nobody to import is replaced by nothing.
    .filter(([, , to]) => to !== './FORBIDDEN_DEPENDENCY')
    .map(([, from = '', to = '', version = '']) =>
      to.startsWith('.') ? `${from} => ${from} ${neighbour}` : `${from} => ${to} ${version}`,
    );
  return [
    'module example.test/wrapper',
    ...(upstream.match(/^go .*$/m) ?? []),
    ...(/^godebug \([^)]*\)|^godebug .*$/m.exec(upstream) ?? []),
    `require ${recipe.module} ${recipe.version}`,
    ...replacements.map((replacement) => `replace ${replacement}`),
    '',
  ].join('\n');
}
