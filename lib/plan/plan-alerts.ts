import type { Alert } from './alert';
import { AlertName } from './alert';
import { archiveAlerts } from './alerts/archives';
import { backupAlerts } from './alerts/backups';
import { drillAlerts } from './alerts/drills';
import { backupJobAlerts, pruneAlerts, verificationJobAlerts } from './alerts/jobs';
import { replicationAlerts } from './alerts/replication';
import { snapshotAlerts, snapshotCountAlerts } from './alerts/snapshots';
import { sourceAlerts } from './alerts/sources';
import { streamAlerts } from './alerts/stream';
import { verificationAlerts } from './alerts/verifications';
import type { BackupSignal, MonitoringPlan } from './monitoring-plan';
import { AssetKind } from './monitoring-plan';
import type { RecoveryPlan } from './recovery-plan';

const ORDER = Object.values(AlertName);

/** Every alert of a plan, in the order of a runbook; none where nothing is monitored. */
export function planAlerts(plan: RecoveryPlan): Alert[] {
  const { monitoring } = plan;
  if (monitoring === undefined) {
    return [];
  }
  const alerts = [
    ...monitoring.signals.flatMap((signal) => [
      ...backupAlerts(signal, monitoring),
      ...(hasCronJob(signal) ? backupJobAlerts(signal) : []),
    ]),
    ...streams(plan, monitoring),
    ...monitoring.verifications.flatMap((signal) => [...verificationAlerts(signal), ...verificationJobAlerts(signal)]),
    ...monitoring.drills.flatMap(drillAlerts),
    ...monitoring.archives.flatMap(archiveAlerts),
    ...monitoring.snapshots.flatMap(snapshotAlerts),
    ...monitoring.snapshots.flatMap((signal) => {
      const volume = plan.volumes.find(({ name }) => signal.assetKind === AssetKind.VOLUMES && name === signal.asset);
      return volume === undefined ? [] : snapshotCountAlerts(signal, volume);
    }),
    ...monitoring.prunes.flatMap(pruneAlerts),
    ...(plan.replication === undefined ? [] : replicationAlerts(plan.site, plan.replication)),
    ...sourceAlerts(plan.site, monitoring),
  ];
  return alerts.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
}

function hasCronJob(signal: BackupSignal): signal is BackupSignal & { readonly cronJob: string } {
  return signal.cronJob !== undefined;
}

/** The one thing that runs without a CronJob. */
function streams({ etcd }: RecoveryPlan, { signals }: MonitoringPlan): Alert[] {
  const stream = etcd?.stream;
  return stream === undefined
    ? []
    : signals
        .filter(({ cronJob, assetKind }) => cronJob === undefined && assetKind === AssetKind.ETCD)
        .flatMap((signal) => streamAlerts(signal, stream));
}
