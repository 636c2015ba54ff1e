import { RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import { parameterMistakes } from './snapshot-parameters';
import { requireName } from './validate-values';
import type { OneOffSnapshotConfig, SnapshotClassConfig } from './volumes';

/** Longest object name (kubernetes apimachinery, DNS subdomain). */
export const OBJECT_NAME = 253;

/** RFC 1123 subdomain: labels separated by dots. */
export const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Checks a VolumeSnapshotClass against what its driver accepts. */
export function validateSnapshotClass(config: SnapshotClassConfig, path: string, problems: Problems): void {
  requireName(config.name, `${path}.name`, SUBDOMAIN, OBJECT_NAME, problems);
  requireName(config.driver, `${path}.driver`, SUBDOMAIN, 63, problems);
  const parameters = config.parameters ?? {};
  for (const { key, message, fix } of parameterMistakes(config.driver, parameters)) {
    problems.add('snapshot-parameter', `${path}.parameters.${key}`, parameters[key], message, fix);
  }
}

/** Checks a snapshot that is taken once. */
export function validateOneOffSnapshot(config: OneOffSnapshotConfig, path: string, problems: Problems): void {
  requireName(config.name, `${path}.name`, SUBDOMAIN, OBJECT_NAME, problems);
  requireName(config.claim, `${path}.claim`, SUBDOMAIN, OBJECT_NAME, problems);
  requireName(config.snapshotClassName, `${path}.snapshotClassName`, SUBDOMAIN, OBJECT_NAME, problems);
  if (config.namespace !== undefined) {
    requireName(config.namespace, `${path}.namespace`, RFC_1123_LABEL, 63, problems);
  }
}
