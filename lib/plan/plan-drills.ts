import type { DisasterRecoveryConfig, EtcdDrillConfig, SnapshotDrillConfig } from '../config';
import { DEFAULTS, secondsOf, snapshotDrillJobName } from '../config';
import type { Assumptions } from './assumptions';
import { DRILL_WORKSPACE, limitsOf, timesOf } from './drill-limits';
import type { DrillsPlan, EtcdDrillPlan, SnapshotDrillPlan } from './drill-plan';
import type { EtcdPlan } from './etcd-plan';
import { planDatabaseDrills } from './plan-database-drills';
import type { AssetSummary, DatabasePlan } from './recovery-plan';
import type { VolumePlan } from './volume-plan';

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
  const { etcd, snapshots } = config.drills ?? {};
  const { databases, volumes, assets } = restorable;
  const etcdDrill =
    etcd === undefined || restorable.etcd === undefined
      ? undefined
      : planEtcdDrill(etcd, restorable.etcd, assets, assumptions);
  return {
    ...planDatabaseDrills(config, databases, assets, assumptions),
    snapshots:
      snapshots === undefined ? [] : volumes.map((volume) => planSnapshotDrill(snapshots, volume, assets, assumptions)),
    ...(etcdDrill === undefined ? {} : { etcd: etcdDrill }),
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
    workspaceBytes: DRILL_WORKSPACE,
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
