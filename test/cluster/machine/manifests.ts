import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VERSIONS } from '../versions';
import { step } from './log';
import { CACHE, CACHED } from './paths';
import { run } from './run';

/** Manifests that upstream projects ship inside their Go modules, in the order in which they are applied. */
const SOURCES = {
  snapshotCrds: {
    module: 'github.com/kubernetes-csi/external-snapshotter/client/v8',
    version: VERSIONS.externalSnapshotter,
    files: ['volumesnapshotclasses', 'volumesnapshotcontents', 'volumesnapshots'].map(
      (plural) => `config/crd/snapshot.storage.k8s.io_${plural}.yaml`,
    ),
  },
  monitoringCrds: {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: VERSIONS.prometheusOperator,
    files: ['podmonitors', 'prometheusrules', 'scrapeconfigs'].map(
      (plural) => `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
    ),
  },
  operator: {
    module: 'github.com/cloudnative-pg/cloudnative-pg',
    version: VERSIONS.cloudNativePg,
    files: [`releases/cnpg-${VERSIONS.cloudNativePg.slice(1)}.yaml`],
  },
  plugin: {
    module: 'github.com/cloudnative-pg/plugin-barman-cloud',
    version: VERSIONS.barmanPlugin,
    files: ['manifest.yaml'],
  },
};

/** Paths of the manifests of an upstream project, fetched into the cache when they are not there. */
export async function upstreamManifests(name: keyof typeof SOURCES): Promise<string[]> {
  const { module, version, files } = SOURCES[name];
  const folder = join(CACHE, 'manifests', `${name}-${version}`);
  if (!existsSync(folder)) {
    await step(`fetching the manifests of ${module} ${version}`, async () => {
      const work = join(CACHED.work, 'manifests');
      await rm(work, { recursive: true, force: true });
      await mkdir(work, { recursive: true });
      const env = { ...process.env, GOMODCACHE: join(work, 'mod'), GOFLAGS: '-modcacherw' };
      const info = await run(['go', 'mod', 'download', '-json', `${module}@${version}`], { env, cwd: work });
      const { Dir } = JSON.parse(info) as { Dir: string };
      for (const file of files) {
        await mkdir(dirname(join(work, 'files', file)), { recursive: true });
        await copyFile(join(Dir, file), join(work, 'files', file));
      }
      await mkdir(dirname(folder), { recursive: true });
      await rename(join(work, 'files'), folder);
      await rm(work, { recursive: true, force: true });
    });
  }
  return files.map((file) => join(folder, file));
}
