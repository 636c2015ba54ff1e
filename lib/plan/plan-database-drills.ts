import type { DisasterRecoveryConfig, FailoverDrillConfig, RecoveryDrillConfig, RestoreTestConfig } from '../config';
import {
  DEFAULTS,
  failoverDrillName,
  recoveryDrillNames,
  recoveryDrillNamespace,
  restoreTestJobName,
  secondsOf,
} from '../config';
import type { Assumptions } from './assumptions';
import { DRILL_WORKSPACE, limitsOf, measurable, protectionOf, timesOf } from './drill-limits';
import type { DrillsPlan, FailoverDrillPlan, RecoveryDrillPlan, RestoreTestPlan } from './drill-plan';
import type { AssetSummary, DatabasePlan } from './recovery-plan';

/** The protection that a recovery starts from. */
const ARCHIVE = 'WAL archive + base backup';

/** The drills of every database. */
export function planDatabaseDrills(
  config: DisasterRecoveryConfig,
  databases: readonly DatabasePlan[],
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): Pick<DrillsPlan, 'restoreTests' | 'recoveries' | 'failovers'> {
  const { restoreTest, recovery, failover } = config.drills ?? {};
  return {
    restoreTests:
      restoreTest === undefined
        ? []
        : databases.flatMap((database) => planRestoreTest(restoreTest, database, assets, assumptions)),
    recoveries:
      recovery === undefined
        ? []
        : databases.map((database) =>
            planRecoveryDrill(recovery, recoveryDrillNamespace(config, recovery), database, assets, assumptions),
          ),
    failovers:
      failover === undefined
        ? []
        : databases
            .filter(({ cluster }) => cluster.instances > 1)
            .map((database) => planFailoverDrill(failover, database, assets, assumptions)),
  };
}

function planRestoreTest(
  drill: RestoreTestConfig,
  database: DatabasePlan,
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): RestoreTestPlan[] {
  const { name, namespace, path, dumps } = database;
  if (dumps === undefined) {
    return [];
  }
  const { schedule, selection } = DEFAULTS.drills.restoreTest;
  const { verification } = dumps;
  const deadline = drill.deadline === undefined ? verification.run.deadline : secondsOf(drill.deadline);
  return [
    {
      path: 'drills.restoreTest',
      kind: 'restore-test',
      title: 'Restore Test',
      namespace,
      jobName: restoreTestJobName(database, drill),
      ...timesOf(drill.schedule ?? schedule, drill.schedule === undefined, deadline, assumptions),
      reportPrefix: `reports/${path}/restore-tests`,
      workspaceBytes: verification.workspaceBytes,
      ...limitsOf(`database ${name}`, 'dump ', drill.restoreWithin, assets),
      database: name,
      selection: drill.selection ?? selection,
      checks: verification.checks,
      corruptionCheck: verification.corruptionCheck,
    },
  ];
}

function planRecoveryDrill(
  drill: RecoveryDrillConfig,
  namespace: string,
  database: DatabasePlan,
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): RecoveryDrillPlan {
  const { schedule, shortestDeadline } = DEFAULTS.drills.recovery;
  const { name, path, dumps, cluster } = database;
  const storageClass = drill.storageClass ?? cluster.storageClass;
  const names = recoveryDrillNames(database);
  const upTo = drill.upTo === undefined ? undefined : secondsOf(drill.upTo);
  const archiveLag = protectionOf(`database ${name}`, ARCHIVE, assets)?.worstCaseLoss ?? 0;
  const limits = limitsOf(`database ${name}`, ARCHIVE, drill.restoreWithin, assets);
  const deadline =
    drill.deadline === undefined
      ? Math.max(3 * measurable(limits), secondsOf(shortestDeadline))
      : secondsOf(drill.deadline);
  return {
    path: 'drills.recovery',
    kind: 'recovery',
    title: 'Recovery',
    namespace,
    jobName: names.job,
    ...timesOf(drill.schedule ?? schedule, drill.schedule === undefined, deadline, assumptions),
    reportPrefix: `reports/${path}/recoveries`,
    workspaceBytes: DRILL_WORKSPACE,
    ...limits,
    database: name,
    databaseNamespace: database.namespace,
    clusterName: names.cluster,
    ...(storageClass === undefined ? {} : { storageClass }),
    checks: dumps?.verification.checks ?? [],
    corruptionCheck: dumps?.verification.corruptionCheck ?? true,
    behind: upTo ?? archiveLag,
    ...(upTo === undefined ? {} : { upTo }),
  };
}

function planFailoverDrill(
  drill: FailoverDrillConfig,
  database: DatabasePlan,
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): FailoverDrillPlan {
  const { schedule, writesWithin, deadline } = DEFAULTS.drills.failover;
  const { name, namespace, path, cluster } = database;
  const limit = secondsOf(drill.writesWithin ?? writesWithin);
  return {
    path: 'drills.failover',
    kind: 'failover',
    title: 'Failover',
    asset: `database ${name}`,
    namespace,
    jobName: failoverDrillName(database),
    ...timesOf(
      drill.schedule ?? schedule,
      drill.schedule === undefined,
      secondsOf(drill.deadline ?? deadline),
      assumptions,
    ),
    reportPrefix: `reports/${path}/failovers`,
    workspaceBytes: DRILL_WORKSPACE,
    // CloudNativePG notices by itself.
    assumed: [],
    planned: limit,
    rto: assets.find(({ asset }) => asset === `database ${name}`)?.rto ?? 0,
    limit,
    database: name,
    instances: cluster.instances,
  };
}
