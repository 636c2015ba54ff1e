import type { DatabaseConfig } from './database';
import { SealMethod } from './encryption';
import { jobNames } from './job-names';
import { RFC_1123_LABEL } from './names';
import type { Problem } from './problem';
import { Problems } from './problem';
import type { DisasterRecoveryConfig } from './site';
import { validateConfiguration } from './validate-configuration';
import { validateDatabase } from './validate-database';
import { validateDrills } from './validate-drills';
import { validateEtcd } from './validate-etcd';
import { validateLifecycle } from './validate-lifecycle';
import { validateMonitoring } from './validate-monitoring';
import { validateNetwork } from './validate-network';
import { validateReplication } from './validate-replication';
import { validateRunbook } from './validate-runbook';
import { validateSecretKey, validateStorage } from './validate-storage';
import { requireName, requirePositive, validateImage } from './validate-values';
import { validateVolumes } from './validate-volumes';

/** Every problem of a config that can be seen without planning: syntax, names, references, combinations. */
export function validateConfig(config: DisasterRecoveryConfig): Problem[] {
  const problems = new Problems();
  requireName(config.site, 'site', RFC_1123_LABEL, 63, problems);
  requireName(config.namespace, 'namespace', RFC_1123_LABEL, 63, problems);
  validateStorage(config.storage, 'storage', problems);
  validateEncryption(config, problems);
  validateImage(config.images?.rclone, 'images.rclone', problems);
  validateImage(config.images?.kubectl, 'images.kubectl', problems);
  validateImage(config.images?.tools, 'images.tools', problems);
  validateImage(config.images?.pushgateway, 'images.pushgateway', problems);
  validateNetwork(config.network ?? {}, problems);
  const databases = config.databases ?? [];
  databases.forEach((database, index) => {
    validateDatabase(database, `databases[${index}]`, problems);
  });
  validateUniqueness(config, databases, problems);
  validateOtherAssets(config, problems);
  validateRunbook(config.runbook ?? {}, problems);
  if (config.lifecycle !== undefined) {
    validateLifecycle(config.lifecycle, config.storage, problems);
  }
  if (config.monitoring !== undefined) {
    validateMonitoring(config.monitoring, problems);
  }
  return problems.list();
}

function validateEncryption(config: DisasterRecoveryConfig, problems: Problems): void {
  const { encryption } = config;
  if (encryption.method === SealMethod.PASSPHRASE) {
    validateSecretKey(encryption.passphraseSecret, 'encryption.passphrase', problems);
  }
  if (encryption.method === SealMethod.RECIPIENT) {
    validateSecretKey(encryption.recipientKeys?.publicKey, 'encryption.recipient.publicKey', problems);
    validateSecretKey(encryption.recipientKeys?.privateKey, 'encryption.recipient.privateKey', problems);
  }
}

/** Objects and key prefixes of two databases must not meet. */
function validateUniqueness(
  config: DisasterRecoveryConfig,
  databases: readonly DatabaseConfig[],
  problems: Problems,
): void {
  const names = new Map<string, number>();
  const paths = new Map<string, number>();
  const jobs = new Map<string, string>();
  const accounts = new Map<string, string>();
  databases.forEach((database, index) => {
    const name = `${database.namespace ?? config.namespace}/${database.name}`;
    const path = database.path ?? database.name;
    const twin = names.get(name);
    if (twin !== undefined) {
      problems.add(
        'asset-duplicate',
        `databases[${index}].name`,
        database.name,
        `is also the name of databases[${twin}] in the same namespace`,
        'give each database its own name',
      );
    }
    const neighbour = paths.get(path);
    if (neighbour !== undefined && twin === undefined) {
      problems.add(
        'archive-path-shared',
        `databases[${index}].path`,
        path,
        `is also the path of databases[${neighbour}]; two databases in one archive destroy each other's backups`,
        `use ${database.name}`,
      );
    }
    names.set(name, index);
    const account = database.dumps?.serviceAccountName;
    if (account !== undefined) {
      const id = `${database.namespace ?? config.namespace}/${account}`;
      const owner = accounts.get(id);
      if (owner !== undefined && twin === undefined) {
        problems.add(
          'service-account-shared',
          `databases[${index}].dumps.serviceAccountName`,
          account,
          `is also the ServiceAccount of ${owner}; each database has its own`,
          'leave it out, or give each database its own',
        );
      }
      accounts.set(id, `databases[${index}]`);
    }
    for (const job of jobNames(database, `databases[${index}]`)) {
      const id = `${database.namespace ?? config.namespace}/${job.name}`;
      const owner = jobs.get(id);
      if (owner !== undefined && twin === undefined) {
        problems.add(
          'job-name-shared',
          job.path,
          job.name,
          `is also the CronJob name of ${owner}`,
          'give each job its own jobName',
        );
      }
      jobs.set(id, job.path);
    }
    paths.set(path, index);
  });
}

function validateOtherAssets(config: DisasterRecoveryConfig, problems: Problems): void {
  validateVolumes(config, problems);
  validateEtcd(config, problems);
  validateConfiguration(config, problems);
  validateReplication(config, problems);
  validateDrills(config, problems);
  requirePositive(config.assumptions?.toleratedFailedRuns, 'assumptions.toleratedFailedRuns', 0, problems);
}
