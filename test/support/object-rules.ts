import type { Manifest } from './schema';

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const LIMITS: Readonly<Record<string, number>> = { CronJob: 52, Cluster: 50, ScheduledBackup: 48, ServiceAccount: 63 };
const CLUSTER_SCOPED = [
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'VolumeSnapshotClass',
  'VolumeSnapshotContent',
  'StorageClass',
];

/** What an API server or operator refuses that no schema says. */
export function ruleErrors(manifest: Manifest): string[] {
  const { kind, metadata, spec } = manifest;
  const errors: string[] = [];
  const expectThat = (good: boolean, message: string): void => {
    if (!good) {
      errors.push(`${kind}/${metadata.name}: ${message}`);
    }
  };
  expectThat(
    NAME.test(metadata.name) && metadata.name.length <= (LIMITS[kind] ?? 253),
    `name "${metadata.name}" is invalid or too long`,
  );
  expectThat(
    CLUSTER_SCOPED.includes(kind) === (metadata.namespace === undefined),
    'namespace does not fit the scope of the kind',
  );
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    expectThat(LABEL_VALUE.test(value), `label ${key} has an invalid value "${value}"`);
  }
  for (const path of emptyLists(spec, 'spec')) {
    // The API server drops them, so that each apply would be a change, and Argo CD would never be in sync.
    expectThat(false, `${path} is an empty list`);
  }
  if (kind === 'CronJob') {
    expectThat(spec.schedule.split(' ').length === 5, 'schedule must have five fields');
    podErrors(spec.jobTemplate.spec.template.spec).forEach((message) => {
      expectThat(false, message);
    });
  }
  if (kind === 'StatefulSet' || kind === 'Deployment' || kind === 'Job') {
    podErrors(spec.template.spec).forEach((message) => {
      expectThat(false, message);
    });
  }
  if (kind === 'Pod') {
    podErrors(spec).forEach((message) => {
      expectThat(false, message);
    });
  }
  if (kind === 'ScheduledBackup') {
    expectThat(spec.schedule.split(' ').length === 6, 'schedule must have six fields');
    expectThat(
      spec.method !== 'plugin' || spec.pluginConfiguration !== undefined,
      'method plugin needs pluginConfiguration',
    );
  }
  return errors;
}

function emptyLists(value: unknown, path: string): string[] {
  if (Array.isArray(value) && value.length === 0) {
    return [path];
  }
  return value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([key, child]) => emptyLists(child, `${path}.${key}`));
}

// biome-ignore lint/suspicious/noExplicitAny: a pod spec as rendered
function podErrors(pod: any): string[] {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  const volumes = new Set(pod.volumes.map((volume: { name: string }) => volume.name));
  const names = containers.map((container) => container.name);
  const used = new Set<string>();
  const errors: string[] = [];
  if (new Set(names).size !== names.length) {
    errors.push('two containers have one name');
  }
  for (const container of containers) {
    const paths = container.volumeMounts.map((mount: { mountPath: string }) => mount.mountPath);
    if (new Set(paths).size !== paths.length) {
      errors.push(`${container.name} mounts one path twice`);
    }
    for (const mount of container.volumeMounts) {
      used.add(mount.name);
      if (!volumes.has(mount.name)) {
        errors.push(`${container.name} mounts the unknown volume ${mount.name}`);
      }
    }
    const variables = (container.env ?? []).map((variable: { name: string }) => variable.name);
    if (new Set(variables).size !== variables.length) {
      errors.push(`${container.name} sets a variable twice`);
    }
  }
  for (const name of volumes) {
    if (!used.has(name as string)) {
      errors.push(`volume ${name} is mounted by nobody`);
    }
  }
  return errors;
}
