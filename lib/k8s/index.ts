export type { ApiAccess } from './api-access';
export type { FamilyConfigMap, FamilyJob, SecondStore } from './family-jobs';
export { FamilyJobs, pruneJob, SMALL_WORKSPACE } from './family-jobs';
export { JobNetworkPolicy } from './job-network-policy';
export type { JobPodProps } from './job-pod';
export { jobPod, podBase, stepContainers } from './job-pod';
export type { ObjectDefaults } from './metadata';
export { argoAnnotations, labelsFor, SyncWave } from './metadata';
export { backupReport, drillReport, replicationReport, verificationReport } from './push-report';
export { RunSteps } from './run-steps';
export {
  API_SCRIPTS,
  BACKUP_SCRIPTS,
  PUSH_SCRIPTS,
  REPORT_SCRIPTS,
  SCRIPTS_PATH,
  scriptData,
  VERIFY_SCRIPTS,
} from './scripts';
export type { HostFolder, Step, StepResources } from './step';
export { WORK_PATH } from './step';
