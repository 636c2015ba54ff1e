export type { BarmanSettings, EnvironmentVariable, SecretFile, StoreDialect, StorePeer } from './dialect';
export { dialectOf, storageSecrets } from './dialects';
export type { LifecycleDialect, LifecycleMove, LifecycleRule, TierFacts } from './lifecycle';
