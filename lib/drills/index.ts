export { DRILL_SCRIPTS } from './drill-job';
export type { EtcdDrillProps } from './etcd-drill';
export { ETCD_DRILL_SCRIPTS, EtcdDrill, renderEtcdDrill } from './etcd-drill';
export type { RecoveryDrillProps } from './recovery-drill';
export { RECOVERY_DRILL_SCRIPTS, RecoveryDrill, renderRecoveryDrill } from './recovery-drill';
export type { RestoreTestProps } from './restore-test';
export { RestoreTest, renderRestoreTest } from './restore-test';
export type { SnapshotDrillProps } from './snapshot-drill';
export { renderSnapshotDrill, SNAPSHOT_DRILL_SCRIPTS, SnapshotDrill } from './snapshot-drill';
