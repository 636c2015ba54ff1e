export type { AlertPage } from './alerts';
export { alertPages } from './alerts';
export type { ChecklistItem } from './checklist';
export { Answer, checklistOf } from './checklist';
export { procedureSection, shellBlocks } from './markdown';
export { readMoment } from './moment';
export type { Parameter, Procedure, Step } from './procedure';
export type { Procedures } from './procedures';
export { everyProcedure, proceduresOf } from './procedures';
export { recoveredCluster } from './procedures/recovered-cluster';
export type { RecoveryRunbookProps } from './recovery-runbook';
export { PLAN_KEY, RecoveryRunbook, renderRunbook } from './recovery-runbook';
export type { DatabaseRestoreRequest, SnapshotFacts } from './restore';
export {
  firstManifests,
  RestoreError,
  restoreConfigurationFrom,
  restoreDatabaseFrom,
  restoreDumpFrom,
  restoreEtcdFrom,
  restoreVolumeFrom,
} from './restore';
export { runbookOf } from './runbook';
export { scenariosOf } from './scenarios';
export { stepLines, toYaml } from './shell';
