export type { BarmanSettings, StoreDialect, StoreFile, StorePeer, StoreVariable } from './dialect';
export { dialectOf, storageSecrets } from './dialects';
