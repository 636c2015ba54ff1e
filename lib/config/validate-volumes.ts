import {
  accountNames,
  configurationJobNames,
  configurationPath,
  jobNames,
  volumeJobNames,
  volumePath,
} from './job-names';
import { KEY_PART, NAME_LIMITS, RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import type { DisasterRecoveryConfig } from './site';
import { secondsOf } from './units';
import { OBJECT_NAME, SUBDOMAIN, validateOneOffSnapshot, validateSnapshotClass } from './validate-snapshots';
import { requireName, validateRetention, validateSchedule } from './validate-values';
import type { QuiesceConfig, VolumeConfig } from './volumes';

/** A snapshot is called `<claim>-<asset>-<UTC time>`; this is the time with its hyphen and the one before it. */
const NAME_SUFFIX = '--20240115t140000z'.length;

/** A minute is left for the records, and a snapshot needs one too. */
const SHORTEST_DEADLINE = 120;

const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Checks everything about volumes: assets, classes, and snapshots that are taken once. */
export function validateVolumes(config: DisasterRecoveryConfig, problems: Problems): void {
  (config.volumes ?? []).forEach((volume, index) => {
    validateVolume(volume, `volumes[${index}]`, problems);
  });
  (config.snapshotClasses ?? []).forEach((snapshotClass, index) => {
    validateSnapshotClass(snapshotClass, `snapshotClasses[${index}]`, problems);
  });
  (config.oneOffSnapshots ?? []).forEach((snapshot, index) => {
    validateOneOffSnapshot(snapshot, `oneOffSnapshots[${index}]`, problems);
  });
  requireUnique(config, problems);
  validateNeighbours(config, problems);
}

function validateVolume(volume: VolumeConfig, path: string, problems: Problems): void {
  requireName(volume.name, `${path}.name`, RFC_1123_LABEL, 40, problems);
  if (volume.namespace !== undefined) {
    requireName(volume.namespace, `${path}.namespace`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  const names = volumeJobNames(volume);
  // The longest name decides: that of the job that prunes.
  requireName(names.snapshot, `${path}.jobName`, RFC_1123_LABEL, NAME_LIMITS.cronJob - '-prune'.length, problems);
  if (volume.serviceAccountName !== undefined) {
    requireName(volume.serviceAccountName, `${path}.serviceAccountName`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  if (volume.path !== undefined) {
    requireName(volume.path, `${path}.path`, KEY_PART, NAME_LIMITS.label, problems);
  }
  requireName(volume.snapshotClassName, `${path}.snapshotClassName`, SUBDOMAIN, OBJECT_NAME, problems);
  validateClaims(volume, path, problems);
  validateSchedule(volume.schedule, `${path}.schedule`, problems);
  validateSchedule(volume.pruneSchedule, `${path}.pruneSchedule`, problems);
  validateRetention(volume.retention, `${path}.retention`, problems);
  if (volume.deadline !== undefined && secondsOf(volume.deadline) < SHORTEST_DEADLINE) {
    const seconds = `${secondsOf(volume.deadline)} s`;
    const message = 'must be at least two minutes: one for the snapshots, one for their records';
    problems.add('deadline-too-short', `${path}.deadline`, seconds, message, 'use Duration.minutes(2)');
  }
  if (volume.quiesce !== undefined) {
    validateQuiesce(volume.quiesce, `${path}.quiesce`, problems);
  }
}

function validateClaims(volume: VolumeConfig, path: string, problems: Problems): void {
  const { claims = [], claimSelector } = volume;
  if (claims.length === 0 && Object.keys(claimSelector ?? {}).length === 0) {
    const message = 'must name at least one claim, unless claimSelector has labels';
    problems.add('claims-missing', `${path}.claims`, undefined, message, 'name the PersistentVolumeClaims');
  }
  if (claims.length > 0 && claimSelector !== undefined) {
    const message = 'and claims exclude each other';
    problems.add('claims-ambiguous', `${path}.claimSelector`, 'both', message, 'keep one of the two');
  }
  validateLabels(claimSelector ?? {}, `${path}.claimSelector`, problems);
  const seen = new Set<string>();
  claims.forEach((claim, index) => {
    requireName(claim, `${path}.claims[${index}]`, SUBDOMAIN, OBJECT_NAME - volume.name.length - NAME_SUFFIX, problems);
    if (seen.has(claim)) {
      problems.add('claim-duplicate', `${path}.claims[${index}]`, claim, 'is given twice', 'keep one of the two');
    }
    seen.add(claim);
  });
}

function validateQuiesce(quiesce: QuiesceConfig, path: string, problems: Problems): void {
  if (Object.keys(quiesce.podLabels).length === 0) {
    problems.add('labels-missing', `${path}.podLabels`, undefined, 'must have at least one label', 'give app: <name>');
  }
  validateLabels(quiesce.podLabels, `${path}.podLabels`, problems);
  if (quiesce.container !== undefined) {
    requireName(quiesce.container, `${path}.container`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  const commands: [string, string[]][] = [
    ['before', quiesce.before],
    ['after', quiesce.after],
  ];
  for (const [name, command] of commands) {
    if (command.length === 0) {
      problems.add(
        'command-missing',
        `${path}.${name}`,
        undefined,
        'must be a program',
        'give the program and its arguments',
      );
    }
    command.forEach((argument, index) => {
      if (argument === '' || /[\r\n]/.test(argument)) {
        const message = 'must be one line that is not empty';
        problems.add(
          'argument-invalid',
          `${path}.${name}[${index}]`,
          argument,
          message,
          'write a script with semicolons',
        );
      }
    });
  }
  if (quiesce.timeout !== undefined && (secondsOf(quiesce.timeout) < 1 || secondsOf(quiesce.timeout) > 25)) {
    const message = 'must be 1 to 25 seconds: a pod that is ended has 30, in which it releases';
    const seconds = `${secondsOf(quiesce.timeout)} s`;
    problems.add('quiesce-timeout', `${path}.timeout`, seconds, message, 'use Duration.seconds(20)');
  }
}

function validateLabels(labels: Readonly<Record<string, string>>, path: string, problems: Problems): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value)) {
      const message = 'is no label: at most 63 letters, digits, hyphens, dots and underscores on each side';
      problems.add('label-invalid', `${path}.${key}`, `${key}=${value}`, message, 'use a label that the object has');
    }
  }
}

/** Objects of one kind in one place have names of their own; a driver has one default class. */
function requireUnique(config: DisasterRecoveryConfig, problems: Problems): void {
  const defaults = (config.snapshotClasses ?? []).map(({ isDefault, driver }) => (isDefault ? driver : ''));
  const lists: [string, string, (index: number) => string, string[]][] = [
    [
      'asset-duplicate',
      'volume assets',
      (index) => `volumes[${index}].name`,
      (config.volumes ?? []).map((volume) => volume.name),
    ],
    [
      'snapshot-class-duplicate',
      'snapshot classes',
      (index) => `snapshotClasses[${index}].name`,
      (config.snapshotClasses ?? []).map(({ name }) => name),
    ],
    ['snapshot-class-default', 'default classes', (index) => `snapshotClasses[${index}].isDefault`, defaults],
    [
      'snapshot-duplicate',
      'snapshots',
      (index) => `oneOffSnapshots[${index}].name`,
      (config.oneOffSnapshots ?? []).map(({ name, namespace }) => `${namespace ?? config.namespace}/${name}`),
    ],
  ];
  for (const [rule, what, path, names] of lists) {
    names.forEach((name, index) => {
      if (name !== '' && names.indexOf(name) !== index) {
        problems.add(rule, path(index), name, `is that of two ${what}`, 'keep one of the two, or give each its own');
      }
    });
  }
}

/** Jobs of one namespace have names and identities of their own, and prunes never meet in the store. */
function validateNeighbours(config: DisasterRecoveryConfig, problems: Problems): void {
  const { configuration } = config;
  const others = (config.databases ?? []).map((database, index) => ({
    owner: `databases[${index}]`,
    namespace: database.namespace ?? config.namespace,
    path: database.path ?? database.name,
    jobs: jobNames(database, '').map(({ name }) => name),
    accounts: accountNames(database),
  }));
  if (configuration !== undefined) {
    const names = configurationJobNames(configuration);
    const namespace = configuration.namespace ?? config.namespace;
    const jobs = [names.export, names.prune];
    const accounts = [names.account, names.prune];
    others.push({ owner: 'configuration', namespace, path: configurationPath(configuration), jobs, accounts });
  }
  (config.volumes ?? []).forEach((volume, index) => {
    const at = `volumes[${index}]`;
    const names = volumeJobNames(volume);
    const namespace = volume.namespace ?? config.namespace;
    const jobs = [names.snapshot, names.prune];
    for (const other of others) {
      if (other.path === volumePath(volume) && !other.owner.startsWith('volumes')) {
        const message = `is also the path of ${other.owner}; pruning one would remove copies of the other`;
        problems.add('archive-path-shared', `${at}.path`, other.path, message, 'use volume-records');
      }
      if (other.namespace !== namespace) {
        continue;
      }
      const twin = other.jobs.find((name) => jobs.includes(name));
      if (twin !== undefined) {
        const message = `gives a CronJob the name ${twin}, which ${other.owner} has too`;
        problems.add('job-name-shared', `${at}.jobName`, names.snapshot, message, 'give each job its own jobName');
      }
      if (other.accounts.includes(names.account)) {
        const message = `is also a ServiceAccount of ${other.owner}, whose jobs could then take snapshots`;
        problems.add('service-account-shared', `${at}.serviceAccountName`, names.account, message, 'leave it out');
      }
    }
    if (names.account === names.prune) {
      const message = 'is also the ServiceAccount of the job that prunes, which may delete';
      problems.add('service-account-shared', `${at}.serviceAccountName`, names.account, message, 'leave it out');
    }
    others.push({ owner: at, namespace, path: volumePath(volume), jobs, accounts: [names.account, names.prune] });
  });
}
