export type { BarmanSettings, EnvironmentVariable, SecretFile, StoreDialect, StorePeer } from './dialect';
export { Remote } from './dialect';
export { dialectOf, jobSecrets, storageSecrets } from './dialects';
export type { LifecycleDialect, LifecycleMove, LifecycleRule, TierFacts } from './lifecycle';
