import { k8s } from 'cdk8s-plus-27';
import type { KnownImage } from '../config';
import { quantityOf } from '../config';
import type { EnvironmentVariable, SecretFile } from '../storage';
import { API_TOKEN_PATH, apiTokenVolume } from './api-access';
import { SCRIPTS_PATH } from './scripts';

/** Folder that the steps of a run share. */
export const WORK_PATH = '/work';

const API_TOKEN_VOLUME = 'api-token';

/** Memory and CPU of a step. */
export interface StepResources {
  readonly cpuRequest: string;
  readonly cpuLimit: string;
  readonly memoryRequest: string;
  readonly memoryLimit: string;
}

/** A folder of the node, mounted at its own path. */
export interface HostFolder {
  /** Name of the volume. */
  readonly name: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** One container of a run: a script in a stock image, or a command where the image has no shell. */
export interface Step {
  /** Name of the container, a verb. */
  readonly name: string;
  readonly image: KnownImage;
  /** File name of the script; none where there is a command. */
  readonly script?: string;
  /** Program and arguments, for an image without a shell. */
  readonly command?: readonly string[];
  readonly environment: EnvironmentVariable[];
  readonly files: SecretFile[];
  /** Variables that hold a field of the pod: path by name. */
  readonly podFields?: Record<string, string>;
  readonly resources: StepResources;
  /** ConfigMaps mounted as folders: name by path. */
  readonly configMaps?: Record<string, string>;
  /** Whether it goes on beside the steps after it, until the last one ends. */
  readonly sidecar?: boolean;
  /** Whether it is given a token of the pod's ServiceAccount; the other steps of the pod are not. */
  readonly apiToken?: boolean;
  /** Folders of the node that it needs. */
  readonly hostFolders?: readonly HostFolder[];
}

/** Disk for logs and /tmp, in bytes. */
const SCRATCH_BYTES = 128 * 1024 ** 2;

/**
 * Renders a step as a container that passes Pod Security `restricted` unless its pod must not. The workspace on the node's disk, in
 * bytes, is requested too: a pod must not start where it would be evicted.
 */
export function renderStep(step: Step, workspaceBytes: number): k8s.Container {
  const { resources } = step;
  const disk = k8s.Quantity.fromString(quantityOf(workspaceBytes + SCRATCH_BYTES));
  return {
    name: step.name,
    image: step.image.image.reference,
    command: step.command === undefined ? ['/bin/sh', `${SCRIPTS_PATH}/${step.script}`] : [...step.command],
    env: [
      { name: 'HOME', value: '/tmp' },
      { name: 'WORK_DIR', value: WORK_PATH },
      ...step.environment.map(renderVariable),
      ...Object.entries(step.podFields ?? {}).map(([name, fieldPath]) => ({
        name,
        valueFrom: { fieldRef: { fieldPath } },
      })),
    ],
    resources: {
      requests: {
        cpu: k8s.Quantity.fromString(resources.cpuRequest),
        memory: k8s.Quantity.fromString(resources.memoryRequest),
        'ephemeral-storage': disk,
      },
      limits: {
        cpu: k8s.Quantity.fromString(resources.cpuLimit),
        memory: k8s.Quantity.fromString(resources.memoryLimit),
        'ephemeral-storage': disk,
      },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'scripts', mountPath: SCRIPTS_PATH, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'work', mountPath: WORK_PATH },
      ...step.files.map((file) => ({ name: volumeOf(file), mountPath: folderOf(file.path), readOnly: true })),
      ...Object.entries(step.configMaps ?? {}).map(([path, name]) => ({ name, mountPath: path, readOnly: true })),
      ...(step.hostFolders ?? []).map(({ name, path, readOnly }) => ({
        name,
        mountPath: path,
        ...(readOnly ? { readOnly } : {}),
      })),
      ...(step.apiToken ? [{ name: API_TOKEN_VOLUME, mountPath: API_TOKEN_PATH, readOnly: true }] : []),
    ],
  };
}

/** The volumes that the steps of a pod mount beside workspace and scripts. */
export function stepVolumes(steps: readonly Step[]): k8s.Volume[] {
  const volumes = new Map<string, k8s.Volume>();
  for (const step of steps) {
    for (const file of step.files) {
      const { secretName, key } = file.secret;
      const path = file.path.slice(file.path.lastIndexOf('/') + 1);
      volumes.set(volumeOf(file), {
        name: volumeOf(file),
        secret: { secretName, defaultMode: 0o440, items: [{ key, path }] },
      });
    }
    for (const name of Object.values(step.configMaps ?? {})) {
      volumes.set(name, { name, configMap: { name, defaultMode: 0o444 } });
    }
    for (const { name, path, readOnly } of step.hostFolders ?? []) {
      // What is only read must be there already: a folder made empty would hide that the node has none.
      volumes.set(name, { name, hostPath: { path, type: readOnly ? 'Directory' : 'DirectoryOrCreate' } });
    }
    if (step.apiToken) {
      volumes.set(API_TOKEN_VOLUME, apiTokenVolume(API_TOKEN_VOLUME));
    }
  }
  return [...volumes.values()];
}

function renderVariable(variable: EnvironmentVariable): k8s.EnvVar {
  const { name, value, secret } = variable;
  return secret === undefined
    ? { name, value: value ?? '' }
    : { name, valueFrom: { secretKeyRef: { name: secret.secretName, key: secret.key } } };
}

/** Each secret file is mounted at a folder of its own, which also names its volume. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function volumeOf(file: SecretFile): string {
  return folderOf(file.path).slice(1).replace(/\//g, '-');
}
