export { DRILL_SCRIPTS } from './drill-job';
export type { EtcdDrillProps } from './etcd-drill';
export { ETCD_DRILL_SCRIPTS, EtcdDrill, renderEtcdDrill } from './etcd-drill';
export type { RestoreTestProps } from './restore-test';
export { RestoreTest, renderRestoreTest } from './restore-test';
