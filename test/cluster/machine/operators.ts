import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { IMAGES } from '../images';
import { apply, kubectl } from './control-plane';
import { upstreamManifests } from './manifests';
import { STATE } from './paths';
import { selfSigned } from './pki';
import { PATIENCE, run } from './run';

const NAMESPACE = 'cnpg-system';

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { template: { spec: { containers: { image: string; imagePullPolicy?: string }[] } } };
  stringData?: Record<string, string>;
  data?: Record<string, string>;
}

/** Installs CloudNativePG and its Barman Cloud plugin from the manifests of their releases, and waits until both are available. */
export async function installOperators(): Promise<void> {
  await apply(stringify(await objectsOf('operator', IMAGES.operator.reference)));
  // In production cert-manager makes them, self-signed too: the plugin knows its client by the very certificate.
  for (const side of ['server', 'client']) {
    const pair = await selfSigned(join(STATE, 'pki'), `barman-cloud-${side}`, 'barman-cloud');
    await apply(
      stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `barman-cloud-${side}-tls`, namespace: NAMESPACE },
        type: 'kubernetes.io/tls',
        stringData: {
          'tls.crt': await readFile(pair.certificateFile, 'utf8'),
          'tls.key': await readFile(pair.keyFile, 'utf8'),
        },
      }),
    );
  }
  await apply(stringify(await objectsOf('plugin', IMAGES.plugin.reference)));
  for (const deployment of ['cnpg-controller-manager', 'barman-cloud']) {
    await run(
      await kubectl(['rollout', 'status', `deployment/${deployment}`, '-n', NAMESPACE, `--timeout=${120 * PATIENCE}s`]),
    );
  }
}

/** Defines the kinds of Prometheus Operator, which itself does not run here. */
export async function defineMonitoringKinds(): Promise<void> {
  for (const file of await upstreamManifests('monitoringCrds')) {
    await apply(await readFile(file, 'utf8'));
  }
}

/** The objects of a release, except that images are those of this machine, and cert-manager's kinds are left out. */
async function objectsOf(name: 'operator' | 'plugin', image: string): Promise<unknown> {
  const items: KubernetesObject[] = [];
  for (const file of await upstreamManifests(name)) {
    for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
      const object = document.toJS() as KubernetesObject | null;
      if (object === null || object.apiVersion.startsWith('cert-manager.io/')) {
        continue;
      }
      if (object.kind === 'Deployment') {
        for (const container of object.spec?.template.spec.containers ?? []) {
          container.image = image;
          // Nothing can be pulled here.
          container.imagePullPolicy = 'IfNotPresent';
        }
      }
      if (object.kind === 'Secret' && object.data?.SIDECAR_IMAGE !== undefined) {
        object.data = { SIDECAR_IMAGE: Buffer.from(IMAGES.sidecar.reference).toString('base64') };
      }
      items.push(object);
    }
  }
  await writeFile(join(STATE, `${name}.yaml`), items.map((item) => stringify(item)).join('---\n'));
  return { apiVersion: 'v1', kind: 'List', items };
}
