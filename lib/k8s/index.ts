export { JobNetworkPolicy } from './job-network-policy';
export type { ObjectDefaults } from './metadata';
export { argoAnnotations, labelsFor, SyncWave } from './metadata';
export { ScriptCronJob } from './script-cron-job';
export { scriptData, sharedScript } from './scripts';
export type { Step, StepResources } from './step';
