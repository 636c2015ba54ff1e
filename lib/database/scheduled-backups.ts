import { Construct } from 'constructs';
import {
  ScheduledBackup,
  ScheduledBackupSpecBackupOwnerReference,
  ScheduledBackupSpecMethod,
} from '../../imports/postgresql.cnpg.io';
import type { ObjectDefaults } from '../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { DatabasePlan } from '../plan';
import { BARMAN_PLUGIN } from './postgres-cluster';

/** How many minutes CloudNativePG waits for a snapshot to become ready (cloudnative-pg pkg/utils/labels_annotations.go). */
const SNAPSHOT_DEADLINE = 'cnpg.io/volumeSnapshotDeadline';

/** The physical backups of a Cluster. */
export interface ScheduledBackupsProps {
  readonly defaults: ObjectDefaults;
  readonly plan: DatabasePlan;
}

/** Base backups into the object store, and volume snapshots where planned. Backups outlive both the schedule and the Cluster. */
export class ScheduledBackups extends Construct {
  public constructor(scope: Construct, id: string, props: ScheduledBackupsProps) {
    super(scope, id);
    const { defaults, plan } = props;
    const { archive, snapshots } = plan;
    const common = { cluster: { name: plan.name }, backupOwnerReference: ScheduledBackupSpecBackupOwnerReference.NONE };
    const metadata = (name: string, annotations: Record<string, string> = {}): object => ({
      name,
      namespace: defaults.namespace,
      labels: labelsFor(defaults, name, 'backup'),
      annotations: { ...argoAnnotations(defaults, SyncWave.JOB), ...annotations },
    });
    new ScheduledBackup(this, 'Base', {
      metadata: metadata(archive.baseBackupName),
      spec: {
        ...common,
        schedule: archive.baseBackups.cnpgCron,
        // WAL alone restores nothing: the first base backup must not wait for the schedule.
        immediate: true,
        method: ScheduledBackupSpecMethod.PLUGIN,
        pluginConfiguration: { name: BARMAN_PLUGIN },
      },
    });
    if (snapshots !== undefined) {
      new ScheduledBackup(this, 'Snapshot', {
        metadata: metadata(snapshots.name, { [SNAPSHOT_DEADLINE]: String(Math.ceil(snapshots.run.deadline / 60)) }),
        spec: { ...common, schedule: snapshots.run.cnpgCron, method: ScheduledBackupSpecMethod.VOLUME_SNAPSHOT },
      });
    }
  }
}
