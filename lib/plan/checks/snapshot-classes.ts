import type { SnapshotClassConfig } from '../../config';
import { SnapshotDeletionPolicy, SnapshotDriver, snapshotParameter } from '../../config';
import type { Finding } from '../finding';
import { Severity } from '../finding';

/** Runs every check of a VolumeSnapshotClass. */
export function checkSnapshotClass(config: SnapshotClassConfig, path: string): Finding[] {
  return [...checkDeletionPolicy(config, path), ...checkLocation(config, path)];
}

/** Backups must not go with the namespace that they are backups of. */
function checkDeletionPolicy({ name, deletionPolicy }: SnapshotClassConfig, path: string): Finding[] {
  return deletionPolicy !== SnapshotDeletionPolicy.DELETE
    ? []
    : [
        {
          rule: 'snapshots-deleted-with-namespace',
          severity: Severity.WARNING,
          asset: `snapshot class ${name}`,
          path: `${path}.deletionPolicy`,
          actual: deletionPolicy,
          limit: SnapshotDeletionPolicy.RETAIN,
          message: 'deleting the namespace deletes the snapshots at the provider too',
          fix: 'use SnapshotDeletionPolicy.RETAIN; the prune job removes what has expired all the same',
        },
      ];
}

/** A copy in another region is for a disaster of this one. */
function checkLocation({ name, driver, parameters }: SnapshotClassConfig, path: string): Finding[] {
  const location = driver === SnapshotDriver.AZURE_DISK ? snapshotParameter(driver, parameters, 'location') : undefined;
  return location === undefined
    ? []
    : [
        {
          rule: 'snapshots-elsewhere',
          severity: Severity.WARNING,
          asset: `snapshot class ${name}`,
          path: `${path}.parameters.location`,
          actual: location,
          limit: 'the region of the cluster',
          message: `unless the cluster is in ${location}, its snapshots can be restored only by a cluster there, which imports them from their records`,
          fix: 'use it beside a class without location, not in its place',
        },
      ];
}
