import type { ClusterConfig, DatabaseConfig } from './database';
import { DEFAULTS } from './defaults';
import type { DumpConfig, DumpTierConfig } from './dumps';
import { POSTGRES_MAJOR_VERSIONS } from './images';
import { dumpJobName, pruneJobName, verifyJobName } from './job-names';
import { KEY_PART, NAME_LIMITS, RFC_1035_LABEL, RFC_1123_LABEL } from './names';
import { refusedParameterFix } from './postgres-parameters';
import type { Problems } from './problem';
import { bytesOf } from './units';
import {
  requireName,
  requireOneWindow,
  requirePositive,
  validateCnpgSchedule,
  validateImage,
  validateRetention,
  validateSchedule,
} from './validate-values';
import type { ValidationCheck } from './validation-check';

/** Checks one database without planning it. */
export function validateDatabase(database: DatabaseConfig, path: string, problems: Problems): void {
  const limit = database.snapshots === undefined ? NAME_LIMITS.cluster : NAME_LIMITS.clusterWithSnapshots;
  requireName(database.name, `${path}.name`, RFC_1035_LABEL, limit, problems);
  if (database.namespace !== undefined) {
    requireName(database.namespace, `${path}.namespace`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  if (database.path !== undefined) {
    requireName(database.path, `${path}.path`, KEY_PART, NAME_LIMITS.label, problems);
  }
  requireIdentifier(database.database, `${path}.database`, problems);
  if (database.owner !== undefined) {
    requireIdentifier(database.owner, `${path}.owner`, problems);
  }
  requirePositive(database.generation, `${path}.generation`, 1, problems);
  requireKnownVersion(database.majorVersion, `${path}.majorVersion`, problems);
  validateCluster(database.cluster, `${path}.cluster`, problems);
  requirePositive(database.walArchiving?.maxParallel, `${path}.walArchiving.maxParallel`, 1, problems);
  validateCnpgSchedule(database.baseBackups?.schedule, `${path}.baseBackups.schedule`, problems);
  requirePositive(database.baseBackups?.retentionDays, `${path}.baseBackups.retentionDays`, 1, problems);
  if (database.snapshots !== undefined) {
    validateCnpgSchedule(database.snapshots.schedule, `${path}.snapshots.schedule`, problems);
    requireName(
      database.snapshots.className,
      `${path}.snapshots.className`,
      RFC_1123_LABEL,
      NAME_LIMITS.label,
      problems,
    );
  }
  if (database.dumps !== undefined) {
    validateDumps(database.dumps, database, `${path}.dumps`, problems);
  }
}

function requireKnownVersion(version: number | undefined, path: string, problems: Problems): void {
  if (version !== undefined && !POSTGRES_MAJOR_VERSIONS.includes(version)) {
    const nearest = POSTGRES_MAJOR_VERSIONS.reduce((a, b) => (Math.abs(b - version) < Math.abs(a - version) ? b : a));
    problems.add(
      'version-unsupported',
      path,
      version,
      `must be one of ${POSTGRES_MAJOR_VERSIONS.join(', ')}`,
      `use ${nearest}`,
    );
  }
}

function requireIdentifier(name: string, path: string, problems: Problems): void {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    problems.add(
      'identifier-invalid',
      path,
      name,
      'must be a plain PostgreSQL name: lower-case letters, digits and underscores, at most 63',
      'use a name such as app_db',
    );
  }
}

function validateCluster(cluster: ClusterConfig, path: string, problems: Problems): void {
  requirePositive(cluster.instances, `${path}.instances`, 1, problems);
  validateImage(cluster.image, `${path}.image`, problems);
  const instances = cluster.instances ?? DEFAULTS.database.instances;
  const synchronous = cluster.synchronousStandbys ?? DEFAULTS.database.synchronousStandbys;
  requirePositive(synchronous, `${path}.synchronousStandbys`, 0, problems);
  if (synchronous >= instances) {
    problems.add(
      'synchronous-standbys',
      `${path}.synchronousStandbys`,
      synchronous,
      `must be less than the ${instances} instances`,
      `use ${Math.max(0, instances - 1)}`,
    );
  }
  if (bytesOf(cluster.storage) <= 0) {
    problems.add(
      'storage-empty',
      `${path}.storage`,
      cluster.storage.toKibibytes(),
      'must be more than nothing',
      'use the size of the data with room to grow',
    );
  }
  const seen = new Set<string>();
  (cluster.parameters ?? []).forEach((parameter, index) => {
    const fix = refusedParameterFix(parameter.name);
    if (fix !== '') {
      problems.add(
        'parameter-refused',
        `${path}.parameters[${index}]`,
        `${parameter.name} = ${parameter.value}`,
        'cannot be set in a Cluster',
        fix,
      );
    }
    if (seen.has(parameter.name)) {
      problems.add(
        'parameter-duplicate',
        `${path}.parameters[${index}]`,
        parameter.name,
        'is given twice',
        'keep one of the two',
      );
    }
    seen.add(parameter.name);
  });
}

function validateDumps(dumps: DumpConfig, database: DatabaseConfig, path: string, problems: Problems): void {
  if (dumps.tiers.length === 0) {
    problems.add(
      'tiers-missing',
      `${path}.tiers`,
      undefined,
      'must have at least one tier',
      'add a tier, or leave dumps out',
    );
  }
  requireSecret(dumps.credentials.secretName, `${path}.credentials.secretName`, problems);
  if (dumps.credentials.username !== undefined) {
    requireIdentifier(dumps.credentials.username, `${path}.credentials.username`, problems);
  }
  requirePositive(dumps.parallelJobs, `${path}.parallelJobs`, 1, problems);
  validateImage(dumps.image, `${path}.image`, problems);
  if (dumps.serviceAccountName !== undefined) {
    requireName(dumps.serviceAccountName, `${path}.serviceAccountName`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  validateTiers(dumps.tiers, database, `${path}.tiers`, problems);
  validateSchedule(dumps.pruneSchedule, `${path}.pruneSchedule`, problems);
  validateSchedule(dumps.verification?.schedule, `${path}.verification.schedule`, problems);
  requireJobName(verifyJobName(database, dumps), `${path}.verification.jobName`, problems);
  requireJobName(pruneJobName(database, dumps), `${path}.tiers[0].jobName`, problems);
  validateChecks(dumps.verification?.checks ?? [], `${path}.verification.checks`, problems);
}

function validateTiers(
  tiers: readonly DumpTierConfig[],
  database: DatabaseConfig,
  path: string,
  problems: Problems,
): void {
  const names = new Set<string>();
  tiers.forEach((tier, index) => {
    const at = `${path}[${index}]`;
    requireName(tier.name, `${at}.name`, KEY_PART, 20, problems);
    if (names.has(tier.name)) {
      problems.add(
        'tier-duplicate',
        `${at}.name`,
        tier.name,
        'is the name of two tiers',
        'give each tier its own name',
      );
    }
    names.add(tier.name);
    if (tier.name.startsWith(database.name)) {
      problems.add(
        'tier-reserved',
        `${at}.name`,
        tier.name,
        'is where the WAL archive of the database is stored',
        'use a word for the cadence, e.g. daily',
      );
    }
    requireJobName(dumpJobName(database, tier), `${at}.jobName`, problems);
    if (tier.schedule === undefined && tier.rpo === undefined) {
      problems.add(
        'schedule-missing',
        `${at}.schedule`,
        undefined,
        'must be given, or an rpo to derive it from',
        'use Schedule.dailyAt("02:00")',
      );
    }
    validateSchedule(tier.schedule, `${at}.schedule`, problems);
    validateRetention(tier.retention, `${at}.retention`, problems);
    requireOneWindow(tier.retention, `${at}.retention`, 'dumps', problems);
  });
}

function validateChecks(checks: readonly ValidationCheck[], path: string, problems: Problems): void {
  const names = new Set<string>();
  checks.forEach((check, index) => {
    if (names.has(check.name)) {
      problems.add(
        'check-duplicate',
        `${path}[${index}]`,
        check.name,
        'is the name of two checks',
        'give each check its own name',
      );
    }
    names.add(check.name);
  });
}

function requireJobName(name: string, path: string, problems: Problems): void {
  requireName(name, path, RFC_1123_LABEL, NAME_LIMITS.cronJob, problems);
}

function requireSecret(name: string, path: string, problems: Problems): void {
  if (name === '') {
    problems.add('secret-missing', path, name, 'must name a Secret', 'create a basic-auth Secret and name it here');
  }
}
