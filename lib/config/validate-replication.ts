import { accountNames, configurationJobNames, jobNames, replicationNames, volumeJobNames } from './job-names';
import { NAME_LIMITS, RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import type { ReplicationConfig } from './replication';
import type { DisasterRecoveryConfig } from './site';
import { bytesOf, secondsOf } from './units';
import { requireDays, validatePrefix } from './validate-lifecycle';
import { requireCidrs, requirePort } from './validate-network';
import { validateStorage } from './validate-storage';
import { requireName, validateSchedule } from './validate-values';

const PATH = 'replication';

/** Checks the second copy without planning it; the plan checks what depends on what is written. */
export function validateReplication(config: DisasterRecoveryConfig, problems: Problems): void {
  const { replication } = config;
  if (replication === undefined) {
    return;
  }
  const { namespace, serviceAccountName, targetCidrs, targetPort } = replication;
  validateStorage(replication.target, `${PATH}.target`, problems);
  validateSchedule(replication.schedule, `${PATH}.schedule`, problems);
  validatePrefixes(replication, problems);
  requireDays(replication.keepLonger, `${PATH}.keepLonger`, problems);
  validateAmounts(replication, problems);
  if (namespace !== undefined) {
    requireName(namespace, `${PATH}.namespace`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  requireName(replicationNames(replication).job, `${PATH}.jobName`, RFC_1123_LABEL, NAME_LIMITS.cronJob, problems);
  if (serviceAccountName !== undefined) {
    requireName(serviceAccountName, `${PATH}.serviceAccountName`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  requireCidrs(targetCidrs, `${PATH}.targetCidrs`, problems);
  requirePort(targetPort, `${PATH}.targetPort`, problems);
  validateNeighbours(config, replication, problems);
}

function validatePrefixes({ prefixes }: ReplicationConfig, problems: Problems): void {
  if (prefixes?.length === 0) {
    problems.add(
      'prefixes-missing',
      `${PATH}.prefixes`,
      undefined,
      'must name at least one folder',
      'leave it out for all that is written',
    );
  }
  (prefixes ?? []).forEach((prefix, index) => {
    validatePrefix(prefix, `${PATH}.prefixes[${index}]`, problems);
  });
}

function validateAmounts({ lag, deadline, bandwidthPerSecond }: ReplicationConfig, problems: Problems): void {
  const durations = { lag, deadline };
  for (const [field, duration] of Object.entries(durations)) {
    if (duration !== undefined && secondsOf(duration) <= 0) {
      const given = `${secondsOf(duration)} s`;
      problems.add('number-out-of-range', `${PATH}.${field}`, given, 'must be more than nothing', 'leave it out');
    }
  }
  if (bandwidthPerSecond !== undefined && bytesOf(bandwidthPerSecond) <= 0) {
    problems.add(
      'number-out-of-range',
      `${PATH}.bandwidthPerSecond`,
      bandwidthPerSecond.toKibibytes(),
      'must be more than nothing',
      'leave it out for no limit, or use Size.mebibytes(10)',
    );
  }
}

/** The job holds the credentials of both stores, so that it shares neither its name nor its identity. */
function validateNeighbours(config: DisasterRecoveryConfig, replication: ReplicationConfig, problems: Problems): void {
  const names = replicationNames(replication);
  const namespace = replication.namespace ?? config.namespace;
  const { configuration } = config;
  const others = [
    ...(config.databases ?? []).map((database, index) => ({
      owner: `databases[${index}]`,
      namespace: database.namespace ?? config.namespace,
      jobs: jobNames(database, '').map(({ name }) => name),
      accounts: accountNames(database),
    })),
    ...(config.volumes ?? []).map((volume, index) => {
      const { snapshot, prune, account } = volumeJobNames(volume);
      const own = volume.namespace ?? config.namespace;
      return { owner: `volumes[${index}]`, namespace: own, jobs: [snapshot, prune], accounts: [account, prune] };
    }),
    ...(configuration === undefined ? [] : [configuration]).map((objects) => {
      const names = configurationJobNames(objects);
      const own = objects.namespace ?? config.namespace;
      const jobs = [names.export, names.prune];
      return { owner: 'configuration', namespace: own, jobs, accounts: [names.account, names.prune] };
    }),
  ];
  for (const other of others.filter((candidate) => candidate.namespace === namespace)) {
    if (other.jobs.includes(names.job)) {
      const message = `is also the name of a CronJob of ${other.owner}`;
      problems.add('job-name-shared', `${PATH}.jobName`, names.job, message, 'give each job its own jobName');
    }
    if (other.accounts.includes(names.account)) {
      const message = `is also a ServiceAccount of ${other.owner}; this one reaches both stores`;
      problems.add('service-account-shared', `${PATH}.serviceAccountName`, names.account, message, 'leave it out');
    }
  }
}
