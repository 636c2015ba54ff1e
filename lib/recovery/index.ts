export type { AlertPage } from './alerts';
export { alertPages } from './alerts';
export type { ChecklistItem } from './checklist';
export { Answer, checklistOf } from './checklist';
export { procedureSection, shellBlocks } from './markdown';
export type { Parameter, Procedure, Step, StepLines } from './procedure';
export type { Procedures } from './procedures';
export { everyProcedure, proceduresOf } from './procedures';
export { recoveredCluster } from './procedures/recovered-cluster';
export type { RecoveryRunbookProps } from './recovery-runbook';
export { PLAN_KEY, RecoveryRunbook, renderRunbook } from './recovery-runbook';
export type {
  ConfigurationRestoreRequest,
  DatabaseRestoreRequest,
  DumpRestoreRequest,
  SnapshotFacts,
} from './restores';
export {
  firstManifests,
  manifestsOfStep,
  moment,
  RestoreError,
  restoreConfigurationFrom,
  restoreDatabaseFrom,
  restoreDumpFrom,
  restoreEtcdFrom,
  restoreVolumeFrom,
  stepsWithManifests,
  volumesWith,
} from './restores';
export { runbookOf } from './runbook';
export { scenariosOf } from './scenarios';
export { quote, stepLines, toYaml } from './shell';
