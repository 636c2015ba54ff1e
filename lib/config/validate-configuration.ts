import type { ClusterObjectsConfig } from './cluster-objects';
import { accountNames, configurationJobNames, configurationPath, jobNames } from './job-names';
import { KEY_PART, NAME_LIMITS, RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import { apiResource, DATABASE_RESOURCES, isClusterScoped, nearestResource } from './resources';
import type { DisasterRecoveryConfig } from './site';
import { bytesOf } from './units';
import { requireName, requireOneWindow, validateRetention, validateSchedule } from './validate-values';

const PATH = 'configuration';

/** Checks the export of cluster objects without planning it. */
export function validateConfiguration(config: DisasterRecoveryConfig, problems: Problems): void {
  const { configuration } = config;
  if (configuration === undefined) {
    return;
  }
  const { namespace, serviceAccountName, path, exportedNamespaces, retention } = configuration;
  if (namespace !== undefined) {
    requireName(namespace, `${PATH}.namespace`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  // The longest name decides: that of the job that prunes.
  requireName(
    configurationJobNames(configuration).export,
    `${PATH}.jobName`,
    RFC_1123_LABEL,
    NAME_LIMITS.cronJob - '-prune'.length,
    problems,
  );
  if (serviceAccountName !== undefined) {
    requireName(serviceAccountName, `${PATH}.serviceAccountName`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  if (path !== undefined) {
    requireName(path, `${PATH}.path`, KEY_PART, NAME_LIMITS.label, problems);
  }
  validateResources(configuration, problems);
  validateNamespaces(exportedNamespaces, problems);
  validateSchedule(configuration.schedule, `${PATH}.schedule`, problems);
  validateSchedule(configuration.pruneSchedule, `${PATH}.pruneSchedule`, problems);
  validateRetention(retention, `${PATH}.retention`, problems);
  requireOneWindow(retention, `${PATH}.retention`, 'exports', problems);
  if (configuration.workspace !== undefined && bytesOf(configuration.workspace) <= 0) {
    problems.add(
      'storage-empty',
      `${PATH}.workspace`,
      configuration.workspace.toKibibytes(),
      'must be more than nothing',
      'use Size.gibibytes(1)',
    );
  }
  validateNeighbours(configuration, config, problems);
}

function validateResources(configuration: ClusterObjectsConfig, problems: Problems): void {
  const { resources, customResources, exportedNamespaces } = configuration;
  if (resources?.length === 0) {
    problems.add(
      'resources-missing',
      `${PATH}.resources`,
      undefined,
      'must name at least one resource',
      'leave it out for what a restore needs',
    );
  }
  const given = [
    ...(resources ?? []).map((name, index) => ({ name, at: `${PATH}.resources[${index}]` })),
    ...(customResources ?? []).map((name, index) => ({ name, at: `${PATH}.customResources[${index}]` })),
  ];
  const seen = new Set<string>();
  for (const { name, at } of given) {
    if (apiResource(name) === undefined) {
      problems.add(
        'resource-invalid',
        at,
        name,
        'must be a plural name with its group, without a group only in the core group; `*` needs a group, since access is limited to what is exported',
        `use ${nearestResource(name) ?? `a name such as deployments.apps, ${DATABASE_RESOURCES[0]} or *.example.net`}`,
      );
    } else if (exportedNamespaces !== undefined && isClusterScoped(name)) {
      problems.add(
        'resource-cluster-scoped',
        at,
        name,
        'belongs to no namespace, and only chosen namespaces are exported',
        `leave it out, or leave out ${PATH}.exportedNamespaces`,
      );
    }
    if (seen.has(name)) {
      problems.add('resource-duplicate', at, name, 'is given twice', 'keep one of the two');
    }
    seen.add(name);
  }
}

function validateNamespaces(namespaces: readonly string[] | undefined, problems: Problems): void {
  const at = `${PATH}.exportedNamespaces`;
  if (namespaces?.length === 0) {
    problems.add('namespaces-missing', at, undefined, 'must name at least one namespace', 'leave it out for all');
  }
  const seen = new Set<string>();
  (namespaces ?? []).forEach((name, index) => {
    requireName(name, `${at}[${index}]`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
    if (seen.has(name)) {
      problems.add('namespace-duplicate', `${at}[${index}]`, name, 'is given twice', 'keep one of the two');
    }
    seen.add(name);
  });
}

/** The export shares no key prefix, CronJob name or identity with a database, nor its identity with its own pruning. */
function validateNeighbours(
  configuration: ClusterObjectsConfig,
  config: DisasterRecoveryConfig,
  problems: Problems,
): void {
  const path = configurationPath(configuration);
  const names = configurationJobNames(configuration);
  const namespace = configuration.namespace ?? config.namespace;
  (config.databases ?? []).forEach((database, index) => {
    const owner = `databases[${index}]`;
    if ((database.path ?? database.name) === path) {
      problems.add(
        'archive-path-shared',
        `${PATH}.path`,
        path,
        `is also the path of ${owner}; pruning one would remove copies of the other`,
        'use config-exports',
      );
    }
    if ((database.namespace ?? config.namespace) !== namespace) {
      return;
    }
    const twin = jobNames(database, owner).find(({ name }) => name === names.export || name === names.prune);
    if (twin !== undefined) {
      problems.add(
        'job-name-shared',
        `${PATH}.jobName`,
        names.export,
        `gives a CronJob the name ${twin.name}, which is also that of ${twin.path}`,
        'give each job its own jobName',
      );
    }
    if (accountNames(database).includes(names.account)) {
      problems.add(
        'service-account-shared',
        `${PATH}.serviceAccountName`,
        names.account,
        `is also a ServiceAccount of ${owner}, whose jobs could then read everything that is exported`,
        'leave it out, or give the export its own',
      );
    }
  });
  if (names.account === names.prune) {
    problems.add(
      'service-account-shared',
      `${PATH}.serviceAccountName`,
      names.account,
      'is also the ServiceAccount of the job that prunes, which could then read everything that is exported',
      'leave it out, or give the export its own',
    );
  }
}
