export type { ClusterObjectsConfig } from './cluster-objects';
export type {
  BaseBackupConfig,
  ClusterConfig,
  DatabaseConfig,
  DatabaseSnapshotConfig,
  PostgresParameter,
  WalArchivingConfig,
} from './database';
export { WalCompression } from './database';
export { DEFAULTS } from './defaults';
export type {
  DrillConfig,
  EtcdDrillConfig,
  FailoverDrillConfig,
  RecoveryDrillConfig,
  RestoreTestConfig,
  SnapshotDrillConfig,
} from './drills';
export { BackupSelection } from './drills';
export type { DumpConfig, DumpCredentials, DumpTierConfig, VerificationConfig } from './dumps';
export type { RecipientKeys } from './encryption';
export { Encryption, SealMethod } from './encryption';
export type { EtcdConfig, EtcdMemberConfig } from './etcd';
export { ControlPlane } from './etcd';
export { ImageRef } from './image';
export type { KnownImage } from './images';
export {
  ETCD_IMAGE,
  KUBECTL_IMAGE,
  POSTGRES_MAJOR_VERSIONS,
  PUSHGATEWAY_IMAGE,
  postgresOperand,
  postgresTools,
  RCLONE_IMAGE,
  TOOLS_IMAGE,
} from './images';
export {
  configurationJobNames,
  configurationPath,
  dumpAccountName,
  dumpJobName,
  failoverDrillName,
  pruneJobName,
  recoveryDrillNames,
  recoveryDrillNamespace,
  replicationNames,
  restoreTestJobName,
  snapshotDrillJobName,
  verifyJobName,
  volumeJobNames,
  volumePath,
} from './job-names';
export type {
  AzureServiceOperatorConfig,
  LifecycleConfig,
  LifecycleRuleConfig,
  StorageTierMove,
} from './lifecycle';
export { LifecycleMode, StorageTier } from './lifecycle';
export type {
  KubeStateMetricsConfig,
  MonitoringConfig,
  PrometheusPodsConfig,
  PushgatewayConfig,
  StoreProbeConfig,
} from './monitoring';
export { nearestName } from './names';
export type {
  AzureAccountKey,
  AzureBlobProps,
  AzureSasToken,
  AzureWorkloadIdentity,
  GcsProps,
  S3AccessKeys,
  S3Props,
} from './object-storage';
export { ObjectStorage, ServerSideEncryption, ServerSideEncryptionKind, StorageProvider } from './object-storage';
export type { Objective } from './objective';
export type { Problem } from './problem';
export { Problems } from './problem';
export type { ReplicationConfig } from './replication';
export type { ApiResource } from './resources';
export { apiResource, DATABASE_RESOURCES, DEFAULT_RESOURCES, isClusterScoped } from './resources';
export type { RetentionTiers } from './retention';
export { Retention } from './retention';
export type { RunbookConfig } from './runbook';
export type { SecretKey } from './secret-key';
export type {
  AssumptionsConfig,
  DisasterRecoveryConfig,
  GitOpsConfig,
  ImagesConfig,
  NetworkConfig,
} from './site';
export { SnapshotDriver, snapshotParameter } from './snapshot-parameters';
export { bytesOf, formatBytes, formatSeconds, quantityOf, secondsOf } from './units';
export { validateConfig } from './validate';
export { folderOf } from './validate-lifecycle';
export { validateOneOffSnapshot, validateSnapshotClass } from './validate-snapshots';
export { ValidationCheck } from './validation-check';
export type { OneOffSnapshotConfig, QuiesceConfig, SnapshotClassConfig, VolumeConfig } from './volumes';
export { SnapshotDeletionPolicy } from './volumes';
