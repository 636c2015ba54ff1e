import type { Duration } from 'cdk8s';
import type {
  DisasterRecoveryConfig,
  EtcdDrillConfig,
  RecoveryDrillConfig,
  RestoreTestConfig,
  SnapshotDrillConfig,
} from '../config';
import {
  DEFAULTS,
  recoveryDrillName,
  recoveryDrillNamespace,
  restoreTestJobName,
  secondsOf,
  snapshotDrillJobName,
} from '../config';
import type { Assumptions } from './assumptions';
import type {
  DrillPlan,
  DrillsPlan,
  EtcdDrillPlan,
  RecoveryDrillPlan,
  RestoreTestPlan,
  SnapshotDrillPlan,
} from './drill-plan';
import type { EtcdPlan } from './etcd-plan';
import type { AssetSummary, DatabasePlan, ProtectionSummary, RestoreEstimate, ScheduledRun } from './recovery-plan';
import { scheduledRun } from './scheduled-run';
import type { VolumePlan } from './volume-plan';

/** Beside the steps of a drill: pulling images between them, and storing the report. */
const REPORT_SECONDS = 300;

/** A drill that is missed is missed for a month, so it may start late, in seconds. */
const START_DELAY = 3600;

/** Lists and reports only, in bytes. */
const WORKSPACE = 256 * 1024 ** 2;

/** The protection that a recovery starts from. */
const ARCHIVE = 'WAL archive + base backup';

/** Parts of an estimate that a drill measures; it cannot know how long people take to notice, or a control plane to come back. */
const MEASURED = ['measured', 'fetch', 'load', 'restore', 'volume', 'replay', 'validate'];

/** What is planned and can be restored. */
export interface Restorable {
  readonly databases: readonly DatabasePlan[];
  readonly volumes: readonly VolumePlan[];
  /**
   * etcd's snapshots.
   * @default - none configured
   */
  readonly etcd?: EtcdPlan;
  /** Every asset with its objective and the estimates of its restores. */
  readonly assets: readonly AssetSummary[];
}

/** Resolves the drills of a site; those without an asset are left out, with a problem reported elsewhere. */
export function planDrills(
  config: DisasterRecoveryConfig,
  restorable: Restorable,
  assumptions: Assumptions,
): DrillsPlan {
  const { restoreTest, etcd, snapshots, recovery } = config.drills ?? {};
  const etcdDrill =
    etcd === undefined || restorable.etcd === undefined
      ? undefined
      : planEtcdDrill(etcd, restorable.etcd, restorable.assets, assumptions);
  return {
    restoreTests:
      restoreTest === undefined
        ? []
        : restorable.databases.flatMap((database) =>
            planRestoreTest(restoreTest, database, restorable.assets, assumptions),
          ),
    snapshots:
      snapshots === undefined
        ? []
        : restorable.volumes.map((volume) => planSnapshotDrill(snapshots, volume, restorable.assets, assumptions)),
    recoveries:
      recovery === undefined
        ? []
        : restorable.databases.map((database) =>
            planRecoveryDrill(
              recovery,
              recoveryDrillNamespace(config, recovery),
              database,
              restorable.assets,
              assumptions,
            ),
          ),
    ...(etcdDrill === undefined ? {} : { etcd: etcdDrill }),
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
    jobName: recoveryDrillName(database),
    ...timesOf(drill.schedule ?? schedule, drill.schedule === undefined, deadline, assumptions),
    reportPrefix: `reports/${path}/recoveries`,
    workspaceBytes: WORKSPACE,
    ...limits,
    database: name,
    databaseNamespace: database.namespace,
    clusterName: recoveryDrillName(database),
    ...(storageClass === undefined ? {} : { storageClass }),
    checks: dumps?.verification.checks ?? [],
    corruptionCheck: dumps?.verification.corruptionCheck ?? true,
    archiveLag: protectionOf(`database ${name}`, ARCHIVE, assets)?.worstCaseLoss ?? 0,
  };
}

function planSnapshotDrill(
  drill: SnapshotDrillConfig,
  volume: VolumePlan,
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): SnapshotDrillPlan {
  const { schedule, deadline, minimumFiles } = DEFAULTS.drills.snapshots;
  const { storageClassName, user } = drill;
  const jobName = snapshotDrillJobName(volume);
  return {
    path: 'drills.snapshots',
    kind: 'snapshot-restore',
    title: 'Snapshot Restore',
    namespace: volume.namespace,
    jobName,
    ...timesOf(
      drill.schedule ?? schedule,
      drill.schedule === undefined,
      secondsOf(drill.deadline ?? deadline),
      assumptions,
    ),
    reportPrefix: `reports/${volume.prefix}/drills`,
    workspaceBytes: WORKSPACE,
    ...limitsOf(`volumes ${volume.name}`, 'volume snapshots', drill.restoreWithin, assets),
    volumes: volume.name,
    podName: `${jobName}-pod`,
    minimumFiles: drill.minimumFiles ?? minimumFiles,
    ...(storageClassName === undefined ? {} : { storageClassName }),
    ...(user === undefined ? {} : { user }),
  };
}

function planEtcdDrill(
  drill: EtcdDrillConfig,
  etcd: EtcdPlan,
  assets: readonly AssetSummary[],
  assumptions: Assumptions,
): EtcdDrillPlan {
  const { schedule, deadline, minimumKeys } = DEFAULTS.drills.etcd;
  const [path = ''] = etcd.prefix.split('/');
  return {
    path: 'drills.etcd',
    kind: 'etcd-restore',
    title: 'etcd Restore',
    namespace: etcd.namespace,
    jobName: `${etcd.jobName}-drill`,
    ...timesOf(
      drill.schedule ?? schedule,
      drill.schedule === undefined,
      secondsOf(drill.deadline ?? deadline),
      assumptions,
    ),
    reportPrefix: `reports/${path}/drills`,
    workspaceBytes: etcd.workspaceBytes,
    ...limitsOf('etcd', 'etcd snapshots', drill.restoreWithin, assets),
    minimumKeys: drill.minimumKeys ?? minimumKeys,
  };
}

function timesOf(
  schedule: Parameters<typeof scheduledRun>[0],
  derived: boolean,
  seconds: number,
  assumptions: Assumptions,
): { readonly seconds: number; readonly run: ScheduledRun } {
  const patient = { ...assumptions, startDelay: Math.max(assumptions.startDelay, START_DELAY) };
  return { seconds, run: scheduledRun(schedule, derived, seconds + REPORT_SECONDS, patient) };
}

/** A protection that is planned to take longer than the RTO is not a failure each time that it does. */
function limitsOf(
  asset: string,
  protection: string,
  given: Duration | undefined,
  assets: readonly AssetSummary[],
): Pick<DrillPlan, 'asset' | 'assumed' | 'planned' | 'rto' | 'limit'> {
  const restore = protectionOf(asset, protection, assets)?.restore;
  const rto = assets.find((candidate) => candidate.asset === asset)?.rto ?? 0;
  return {
    asset,
    rto,
    planned: restore?.total ?? 0,
    assumed: assumedParts(restore),
    limit: given === undefined ? Math.max(rto, restore?.total ?? 0) : secondsOf(given),
  };
}

function protectionOf(
  asset: string,
  protection: string,
  assets: readonly AssetSummary[],
): ProtectionSummary | undefined {
  const summary = assets.find((candidate) => candidate.asset === asset);
  return summary?.protections.find((candidate) => candidate.protection.startsWith(protection));
}

/** Seconds of a planned recovery that a drill takes too. */
export function measurable({ planned, assumed }: Pick<DrillPlan, 'planned' | 'assumed'>): number {
  return planned - assumed.reduce((sum, { seconds }) => sum + seconds, 0);
}

function assumedParts(restore: RestoreEstimate | undefined): DrillPlan['assumed'] {
  return (restore?.parts ?? []).filter(({ name }) => !MEASURED.includes(name));
}
