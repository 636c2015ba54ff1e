export type { LifecycleMove, LifecycleRule } from '../storage';
export type { Alert, RecordingRule } from './alert';
export { AlertName, AlertSeverity } from './alert';
export { DRILL_LABELS, DRILL_METRICS } from './drill-metrics';
export type {
  DrillPlan,
  DrillsPlan,
  EtcdDrillPlan,
  FailoverDrillPlan,
  RecoveryDrillPlan,
  RestoreTestPlan,
  SnapshotDrillPlan,
} from './drill-plan';
export { allDrills } from './drill-plan';
export { DisasterRecoveryError } from './error';
export type * from './etcd-plan';
export type { ExternalReference } from './external-reference';
export type { Finding } from './finding';
export { Severity } from './finding';
export type { LifecyclePlan, PlannedLifecycleRule, WrittenPrefix } from './lifecycle-plan';
export { Remover } from './lifecycle-plan';
export * from './metrics';
export * from './monitoring-plan';
export { planAlerts } from './plan-alerts';
export { planDocument, readPlan } from './plan-document';
export { planRecordings } from './plan-recordings';
export { planRecovery } from './plan-recovery';
export { planOneOffSnapshot, planSnapshotClass } from './plan-volumes';
export { ALERTS, RECORDED_METRICS } from './recorded-metrics';
export type * from './recovery-plan';
export { BASIC_AUTH_KEYS } from './references';
export type * from './replication-plan';
export type { RunbookPlan } from './runbook-plan';
export { assetLabels, backupLabels, drillLabels } from './signal-labels';
export type * from './volume-plan';
