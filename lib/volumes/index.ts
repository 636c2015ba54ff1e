export type { OneOffSnapshotProps } from './one-off-snapshot';
export { OneOffSnapshot, renderOneOffSnapshot } from './one-off-snapshot';
export type { SnapshotClassProps } from './snapshot-class';
export { renderSnapshotClass, SnapshotClass } from './snapshot-class';
export { VOLUME_SCRIPTS } from './snapshot-steps';
export type { VolumeProtectionProps } from './volume-protection';
export { renderVolume, VolumeProtection } from './volume-protection';
