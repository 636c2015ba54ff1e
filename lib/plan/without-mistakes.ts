import type {
  DatabaseConfig,
  DisasterRecoveryConfig,
  DrillConfig,
  DumpConfig,
  LifecycleConfig,
  Problem,
  ReplicationConfig,
} from '../config';

/**
 * The part of a config that can be planned: settings with a problem are replaced by their default or left out, so that one mistake does
 * not hide the objectives that cannot be met.
 */
export function withoutMistakes(config: DisasterRecoveryConfig, problems: readonly Problem[]): DisasterRecoveryConfig {
  const wrong = (path: string): boolean =>
    problems.some(
      (problem) => problem.path === path || problem.path.startsWith(`${path}.`) || problem.path.startsWith(`${path}[`),
    );
  const { etcd, configuration } = config;
  return {
    ...config,
    databases: (config.databases ?? []).map((database, index) => cleanDatabase(database, `databases[${index}]`, wrong)),
    volumes: (config.volumes ?? []).map((volume, index) => ({
      ...volume,
      schedule: wrong(`volumes[${index}].schedule`) ? undefined : volume.schedule,
      pruneSchedule: wrong(`volumes[${index}].pruneSchedule`) ? undefined : volume.pruneSchedule,
      deadline: wrong(`volumes[${index}].deadline`) ? undefined : volume.deadline,
    })),
    etcd:
      etcd === undefined
        ? undefined
        : {
            ...etcd,
            size: wrong('etcd.size') ? undefined : etcd.size,
            schedule: wrong('etcd.schedule') ? undefined : etcd.schedule,
            pruneSchedule: wrong('etcd.pruneSchedule') ? undefined : etcd.pruneSchedule,
            localCopies: wrong('etcd.localCopies') ? undefined : etcd.localCopies,
            deadline: wrong('etcd.deadline') ? undefined : etcd.deadline,
          },
    configuration:
      configuration === undefined
        ? undefined
        : {
            ...configuration,
            schedule: wrong('configuration.schedule') ? undefined : configuration.schedule,
            pruneSchedule: wrong('configuration.pruneSchedule') ? undefined : configuration.pruneSchedule,
          },
    drills: config.drills === undefined ? undefined : cleanDrills(config.drills, wrong),
    replication: config.replication === undefined ? undefined : cleanReplication(config.replication, wrong),
    lifecycle: config.lifecycle === undefined ? undefined : cleanLifecycle(config.lifecycle, wrong),
    // Nothing depends on it.
    monitoring: wrong('monitoring') ? undefined : config.monitoring,
    assumptions: wrong('assumptions.toleratedFailedRuns')
      ? { ...config.assumptions, toleratedFailedRuns: undefined }
      : config.assumptions,
  };
}

function cleanDatabase(database: DatabaseConfig, path: string, wrong: (path: string) => boolean): DatabaseConfig {
  return {
    ...database,
    majorVersion: wrong(`${path}.majorVersion`) ? undefined : database.majorVersion,
    baseBackups: wrong(`${path}.baseBackups`) ? undefined : database.baseBackups,
    snapshots: wrong(`${path}.snapshots`) ? undefined : database.snapshots,
    dumps: database.dumps === undefined ? undefined : cleanDumps(database.dumps, `${path}.dumps`, wrong),
  };
}

/** A tier with a mistake stays in its place, so that paths of later tiers remain right, but without a schedule it is not planned. */
function cleanDumps(dumps: DumpConfig, path: string, wrong: (path: string) => boolean): DumpConfig {
  const { verification } = dumps;
  return {
    ...dumps,
    tiers: dumps.tiers.map((tier, index) =>
      wrong(`${path}.tiers[${index}]`) ? { ...tier, schedule: undefined, rpo: undefined } : tier,
    ),
    pruneSchedule: wrong(`${path}.pruneSchedule`) ? undefined : dumps.pruneSchedule,
    verification:
      verification === undefined || !wrong(`${path}.verification.schedule`)
        ? verification
        : { ...verification, schedule: undefined },
  };
}

/** Every setting of a drill has a default. */
function cleanDrills(drills: DrillConfig, wrong: (path: string) => boolean): DrillConfig {
  const clean = (name: string, drill: object): object =>
    Object.fromEntries(Object.entries(drill).filter(([field]) => !wrong(`drills.${name}.${field}`)));
  return Object.fromEntries(
    Object.entries(drills).map(([name, drill]) => [name, drill === undefined ? undefined : clean(name, drill)]),
  );
}

function cleanReplication(replication: ReplicationConfig, wrong: (path: string) => boolean): ReplicationConfig {
  const kept = <T>(field: string, value: T | undefined): T | undefined =>
    wrong(`replication.${field}`) ? undefined : value;
  return {
    ...replication,
    lag: kept('lag', replication.lag),
    schedule: kept('schedule', replication.schedule),
    prefixes: kept('prefixes', replication.prefixes),
    keepLonger: kept('keepLonger', replication.keepLonger),
    bandwidthPerSecond: kept('bandwidthPerSecond', replication.bandwidthPerSecond),
    deadline: kept('deadline', replication.deadline),
  };
}

/** A rule with a mistake stays in its place with its prefix alone; one without a usable prefix is not planned, and nothing is missed then. */
function cleanLifecycle(lifecycle: LifecycleConfig, wrong: (path: string) => boolean): LifecycleConfig {
  const rules = lifecycle.rules ?? [];
  const unusable = rules.some((_, index) => wrong(`lifecycle.rules[${index}].prefix`));
  return {
    ...lifecycle,
    margin: wrong('lifecycle.margin') ? undefined : lifecycle.margin,
    versionsFor: wrong('lifecycle.versionsFor') ? undefined : lifecycle.versionsFor,
    reportsFor: wrong('lifecycle.reportsFor') ? undefined : lifecycle.reportsFor,
    rules: rules.map((rule, index) => {
      const path = `lifecycle.rules[${index}]`;
      const prefix = wrong(`${path}.prefix`) ? '' : rule.prefix;
      return wrong(path) ? { prefix } : rule;
    }),
    generate: unusable ? undefined : lifecycle.generate,
  };
}
