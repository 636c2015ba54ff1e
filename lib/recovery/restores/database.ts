import type { DatabasePlan, RecoveryPlan } from '../../plan';
import { rfc3339 } from '../moment';
import type { Procedure } from '../procedure';
import type { DatabaseRecovery } from '../procedures/database';
import { RecoverAs, recoverDatabase } from '../procedures/database';
import { find, moment, RestoreError } from './request';

const DAY = 86400;

/** Which database is recovered, and how. At most one of `at`, `lsn` and `restorePoint`; none means everything that was archived. */
export interface DatabaseRestoreRequest {
  /** Name of the database in the plan. */
  readonly name: string;
  /**
   * RFC 3339, or `2024-01-15 14:30:00` in UTC.
   * @default - not up to a time
   */
  readonly at?: string;
  /**
   * Position in the log, e.g. `0/3000000`.
   * @default - not up to a position
   */
  readonly lsn?: string;
  /**
   * Name of a restore point, together with `backupId`.
   * @default - not up to a restore point
   */
  readonly restorePoint?: string;
  /**
   * Id of the base backup to begin with, e.g. `20240115T020000`.
   * @default - the newest before the target
   */
  readonly backupId?: string;
  /**
   * Backup by volume snapshot to begin with.
   * @default - a base backup in the object store
   */
  readonly snapshotBackup?: string;
  /**
   * Whether the Cluster comes back under its own name, because nothing is left of the old one.
   * @default false
   */
  readonly ownName?: boolean;
}

/** The recovery of a database. Throws `RestoreError`. */
export function restoreDatabaseFrom(plan: RecoveryPlan, request: DatabaseRestoreRequest, now: Date): Procedure {
  const database = find(plan.databases, request.name, 'database');
  const targets = [request.at, request.lsn, request.restorePoint].filter((target) => target !== undefined);
  if (targets.length > 1) {
    throw new RestoreError('give one of a time, a position in the log and a restore point, or none');
  }
  if ((request.restorePoint === undefined) !== (request.backupId === undefined)) {
    throw new RestoreError('a restore point needs the id of the base backup to begin with, and the other way round');
  }
  if (request.lsn !== undefined && !/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(request.lsn)) {
    throw new RestoreError(`"${request.lsn}" is no position in the log; it looks like 0/3000000`);
  }
  if (request.snapshotBackup !== undefined && database.snapshots === undefined) {
    throw new RestoreError(`database ${database.name} has no volume snapshots in the plan; leave the snapshot out`);
  }
  const recovery: DatabaseRecovery = {
    as: request.ownName === true ? RecoverAs.OWN_NAME : RecoverAs.BESIDE,
    target: targetOf(database, request, now),
    ...(request.snapshotBackup === undefined ? {} : { snapshotBackup: request.snapshotBackup }),
  };
  return recoverDatabase(plan, database, recovery);
}

function targetOf(
  database: DatabasePlan,
  { at, lsn, restorePoint, backupId }: DatabaseRestoreRequest,
  now: Date,
): DatabaseRecovery['target'] {
  if (at !== undefined) {
    return {
      time: rfc3339(moment(at, now, database.archive.retentionDays * DAY, `the recovery window of ${database.name}`)),
    };
  }
  if (lsn !== undefined) {
    return { lsn };
  }
  return restorePoint === undefined || backupId === undefined ? {} : { restorePoint: { name: restorePoint, backupId } };
}
