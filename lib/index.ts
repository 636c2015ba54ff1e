export * from './charts';
export * from './cli';
export * from './config';
export type { ConfigurationProtectionProps } from './configuration';
export { ConfigurationProtection } from './configuration';
export type { PostgresProtectionProps } from './database';
export { PostgresProtection } from './database';
export type {
  EtcdDrillProps,
  FailoverDrillProps,
  RecoveryDrillProps,
  RestoreTestProps,
  SnapshotDrillProps,
} from './drills';
export { EtcdDrill, FailoverDrill, RecoveryDrill, RestoreTest, SnapshotDrill } from './drills';
export type { EtcdProtectionProps } from './etcd';
export { EtcdProtection } from './etcd';
export type { LifecyclePolicyProps } from './lifecycle';
export { LifecyclePolicy } from './lifecycle';
export type { MonitoringProps } from './monitoring';
export { Monitoring } from './monitoring';
export * from './plan';
export type {
  ConfigurationRestoreRequest,
  DatabaseRestoreRequest,
  DumpRestoreRequest,
  Parameter,
  Procedure,
  RecoveryRunbookProps,
  SnapshotFacts,
  Step as ProcedureStep,
} from './recovery';
export {
  firstManifests,
  manifestsOfStep,
  RecoveryRunbook,
  RestoreError,
  restoreConfigurationFrom,
  restoreDatabaseFrom,
  restoreDumpFrom,
  restoreEtcdFrom,
  restoreVolumeFrom,
  runbookOf,
  stepsWithManifests,
} from './recovery';
export type { OffsiteReplicationProps } from './replication';
export { OffsiteReplication } from './replication';
export * from './schedule';
export type { OneOffSnapshotProps, SnapshotClassProps, VolumeProtectionProps } from './volumes';
export { OneOffSnapshot, SnapshotClass, VolumeProtection } from './volumes';
