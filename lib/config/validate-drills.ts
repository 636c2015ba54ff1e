import type { Duration } from 'cdk8s';
import { DEFAULTS } from './defaults';
import type { DrillConfig } from './drills';
import { recoveryDrillNames, recoveryDrillNamespace, restoreTestJobName } from './job-names';
import { NAME_LIMITS, RFC_1123_LABEL } from './names';
import type { Problems } from './problem';
import type { DisasterRecoveryConfig } from './site';
import { secondsOf } from './units';
import { OBJECT_NAME, SUBDOMAIN } from './validate-snapshots';
import { requireName, requirePositive, validateSchedule } from './validate-values';

/** Shorter, a drill would be given up before its pod has fetched anything. */
const SHORTEST_DEADLINE = 60;

/** Checks the drills without planning them: each needs an asset to restore. */
export function validateDrills(config: DisasterRecoveryConfig, problems: Problems): void {
  const { drills = {} } = config;
  validateRestoreTest(config, drills, problems);
  validateEtcdDrill(config, drills, problems);
  validateSnapshotDrill(config, drills, problems);
  validateRecoveryDrill(config, drills, problems);
  validateFailoverDrill(config, drills, problems);
}

function validateRestoreTest(config: DisasterRecoveryConfig, { restoreTest }: DrillConfig, problems: Problems): void {
  if (restoreTest === undefined) {
    return;
  }
  const path = 'drills.restoreTest';
  const dumped = (config.databases ?? []).filter(({ dumps }) => dumps !== undefined);
  validateSchedule(restoreTest.schedule, `${path}.schedule`, problems);
  requireDuration(restoreTest.deadline, `${path}.deadline`, SHORTEST_DEADLINE, problems);
  requireDuration(restoreTest.restoreWithin, `${path}.restoreWithin`, 1, problems);
  if (dumped.length === 0) {
    problems.add(
      'drill-without-asset',
      path,
      'no dumps',
      'restores dumps, but no database has any',
      'add dumps to a database, or leave restoreTest out',
    );
  }
  if (restoreTest.jobName !== undefined && dumped.length > 1) {
    problems.add(
      'job-name-shared',
      `${path}.jobName`,
      restoreTest.jobName,
      `would be the name of the jobs of ${dumped.length} databases`,
      'leave it out: each is called after its database',
    );
  }
  for (const database of dumped) {
    const name = restoreTestJobName(database, restoreTest);
    requireName(name, `${path}.jobName`, RFC_1123_LABEL, NAME_LIMITS.cronJob, problems);
  }
}

function validateEtcdDrill(config: DisasterRecoveryConfig, { etcd }: DrillConfig, problems: Problems): void {
  if (etcd === undefined) {
    return;
  }
  const path = 'drills.etcd';
  validateSchedule(etcd.schedule, `${path}.schedule`, problems);
  requirePositive(etcd.minimumKeys, `${path}.minimumKeys`, 1, problems);
  requireDuration(etcd.deadline, `${path}.deadline`, SHORTEST_DEADLINE, problems);
  requireDuration(etcd.restoreWithin, `${path}.restoreWithin`, 1, problems);
  if (config.etcd === undefined) {
    problems.add(
      'drill-without-asset',
      path,
      'no etcd',
      'restores snapshots of etcd, but etcd is not protected',
      'add etcd, or leave the drill out',
    );
  }
}

function validateSnapshotDrill(config: DisasterRecoveryConfig, { snapshots }: DrillConfig, problems: Problems): void {
  if (snapshots === undefined) {
    return;
  }
  const path = 'drills.snapshots';
  validateSchedule(snapshots.schedule, `${path}.schedule`, problems);
  requirePositive(snapshots.minimumFiles, `${path}.minimumFiles`, 0, problems);
  requirePositive(snapshots.user, `${path}.user`, 1, problems);
  requireDuration(snapshots.deadline, `${path}.deadline`, SHORTEST_DEADLINE, problems);
  requireDuration(snapshots.restoreWithin, `${path}.restoreWithin`, 1, problems);
  if (snapshots.storageClassName !== undefined) {
    requireName(snapshots.storageClassName, `${path}.storageClassName`, SUBDOMAIN, OBJECT_NAME, problems);
  }
  if ((config.volumes ?? []).length === 0) {
    problems.add(
      'drill-without-asset',
      path,
      'no volumes',
      'restores snapshots of volumes, but no volumes are protected',
      'add volumes, or leave the drill out',
    );
  }
}

function validateRecoveryDrill(config: DisasterRecoveryConfig, { recovery }: DrillConfig, problems: Problems): void {
  if (recovery === undefined) {
    return;
  }
  const path = 'drills.recovery';
  const databases = config.databases ?? [];
  validateSchedule(recovery.schedule, `${path}.schedule`, problems);
  requireDuration(recovery.deadline, `${path}.deadline`, SHORTEST_DEADLINE, problems);
  requireDuration(recovery.restoreWithin, `${path}.restoreWithin`, 1, problems);
  requireDuration(recovery.upTo, `${path}.upTo`, 1, problems);
  if (recovery.storageClass !== undefined) {
    requireName(recovery.storageClass, `${path}.storageClass`, SUBDOMAIN, OBJECT_NAME, problems);
  }
  const namespace = recoveryDrillNamespace(config, recovery);
  // A mistake in the namespace of the site is not one of the drill too.
  if (recovery.namespace !== undefined || RFC_1123_LABEL.test(config.namespace)) {
    requireName(namespace, `${path}.namespace`, RFC_1123_LABEL, NAME_LIMITS.label, problems);
  }
  if (databases.length === 0) {
    problems.add(
      'drill-without-asset',
      path,
      'no databases',
      'recovers databases, but there are none',
      'add a database, or leave the drill out',
    );
  }
  databases.forEach((database, index) => {
    if (databases.findIndex(({ name }) => name === database.name) !== index) {
      problems.add(
        'drill-name-shared',
        path,
        recoveryDrillNames(database).cluster,
        `would be the temporary Cluster of two databases, both called ${database.name}`,
        'give them different names',
      );
    }
  });
  const live = databases.find((database) => (database.namespace ?? config.namespace) === namespace);
  if (live !== undefined) {
    problems.add(
      'drill-beside-live',
      `${path}.namespace`,
      namespace,
      `is the namespace of database ${live.name}: the drill may create and delete Clusters in its own, and must not see those that are live`,
      'use a namespace of its own',
    );
  }
}

function validateFailoverDrill(config: DisasterRecoveryConfig, { failover }: DrillConfig, problems: Problems): void {
  if (failover === undefined) {
    return;
  }
  const path = 'drills.failover';
  validateSchedule(failover.schedule, `${path}.schedule`, problems);
  requireDuration(failover.deadline, `${path}.deadline`, SHORTEST_DEADLINE, problems);
  requireDuration(failover.writesWithin, `${path}.writesWithin`, 1, problems);
  const redundant = (config.databases ?? []).filter(
    ({ cluster }) => (cluster.instances ?? DEFAULTS.database.instances) > 1,
  );
  if (redundant.length === 0) {
    problems.add(
      'drill-without-asset',
      path,
      'no standby',
      'fails over to a standby, but no database has one',
      'give a database cluster.instances of 2 or more, or leave the drill out',
    );
  }
}

function requireDuration(given: Duration | undefined, path: string, minimum: number, problems: Problems): void {
  if (given !== undefined && secondsOf(given) < minimum) {
    problems.add(
      'duration-too-short',
      path,
      `${secondsOf(given)} s`,
      `must be at least ${minimum} s`,
      `use Duration.seconds(${minimum}) or more`,
    );
  }
}
