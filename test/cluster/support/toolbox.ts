import { basename, dirname } from 'node:path';
import { type ObjectStorage, RCLONE_IMAGE } from '../../../lib';
import { postgresTools } from '../../../lib/config/images';
import { dialectOf } from '../../../lib/storage';
import { POSTGRES_MAJOR } from '../images';
import { type Outcome, PATIENCE } from '../machine/run';
import { apply, kubectl, tryKubectl } from './kubectl';
import { storeCredentials } from './store-credentials';

/** Namespace of the tests' own pods. */
const NAMESPACE = 'proving-ground';

/** Waits to be used; a shell as first process would not end on SIGTERM without the trap, nor before the program that it waits for in the foreground. */
export const IDLE = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait; done'];

const POSTGRES_IMAGE = postgresTools(POSTGRES_MAJOR);

/** A pod with stock tools, for looking at backups as a person would: rclone with the store's credentials, and PostgreSQL with gpg. */
export class Toolbox {
  /** Starts the pod for a storage, unless it runs. */
  public static async start(storage: ObjectStorage): Promise<Toolbox> {
    const place = new URL(dialectOf(storage).location).host.split('.')[0];
    const name = `toolbox-${storage.provider}-${place}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
    await apply([secretFor(name, storage), podFor(name, storage)]);
    await kubectl(['wait', '-n', NAMESPACE, '--for=condition=Ready', `pod/${name}`, `--timeout=${120 * PATIENCE}s`]);
    return new Toolbox(name);
  }

  private constructor(private readonly pod: string) {}

  /** Runs a command in a container of the pod; a failure throws. */
  public async run(
    container: 'rclone' | 'postgres',
    command: readonly string[],
    input?: Buffer | string,
  ): Promise<string> {
    return kubectl(this.command(container, command), { input });
  }

  /** Runs a command in a container of the pod, whatever its exit code. */
  public async attempt(
    container: 'rclone' | 'postgres',
    command: readonly string[],
    input?: Buffer | string,
  ): Promise<Outcome> {
    return tryKubectl(this.command(container, command), { input });
  }

  /** Arguments of kubectl that run a command in a container of the pod. */
  public command(container: 'rclone' | 'postgres', command: readonly string[]): string[] {
    return ['exec', '-i', '-n', NAMESPACE, this.pod, '-c', container, '--', ...command];
  }
}

/** What the manifests give rclone, with the values of Secrets in one Secret of the tests. */
function secretFor(name: string, storage: ObjectStorage): unknown {
  const credentials = storeCredentials(storage);
  const { rcloneEnvironment, rcloneFiles } = dialectOf(storage);
  const secretValue = (key = ''): string => credentials[key] ?? '';
  const stringData = Object.fromEntries([
    ...rcloneEnvironment.map(({ name: variable, value, secret }) => [variable, value ?? secretValue(secret?.key)]),
    ...rcloneFiles.map(({ secret, path }) => [basename(path), secretValue(secret.key)]),
  ]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: NAMESPACE }, stringData };
}

function podFor(name: string, storage: ObjectStorage): unknown {
  const container = (id: string, image: string, user: number): object => ({
    name: id,
    image,
    command: IDLE,
    env: [
      { name: 'HOME', value: '/work' },
      { name: 'RCLONE_CONFIG', value: '/dev/null' },
    ],
    securityContext: { runAsUser: user, runAsGroup: user, allowPrivilegeEscalation: false },
    volumeMounts: [{ name: 'work', mountPath: '/work' }],
  });
  const { rcloneFiles } = dialectOf(storage);
  const rclone = container('rclone', RCLONE_IMAGE.image.reference, POSTGRES_IMAGE.uid);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: { storage: String(storage.provider) } },
    spec: {
      containers: [
        {
          ...rclone,
          envFrom: [{ secretRef: { name } }],
          volumeMounts: [
            { name: 'work', mountPath: '/work' },
            ...rcloneFiles.map(({ path }) => ({ name: 'files', mountPath: dirname(path) })),
          ],
        },
        container('postgres', POSTGRES_IMAGE.image.reference, POSTGRES_IMAGE.uid),
      ],
      securityContext: { fsGroup: POSTGRES_IMAGE.uid },
      terminationGracePeriodSeconds: 1,
      volumes: [
        { name: 'work', emptyDir: {} },
        { name: 'files', secret: { secretName: name } },
      ],
    },
  };
}
