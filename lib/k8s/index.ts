export type { EgressPeer } from './job-network-policy';
export { JobNetworkPolicy } from './job-network-policy';
export type { ObjectDefaults } from './metadata';
export { argoAnnotations, labelsFor, SyncWave } from './metadata';
export { ScriptCronJob } from './script-cron-job';
export { scriptData, sharedScript } from './scripts';
export type { SecretFile, Step, StepResources } from './step';
export { WORK_PATH } from './step';
