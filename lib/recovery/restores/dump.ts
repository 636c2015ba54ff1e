import type { DatabasePlan, RecoveryPlan } from '../../plan';
import { runIdOf } from '../moment';
import type { Procedure } from '../procedure';
import { restoreDump, restoredDatabase } from '../procedures/dump';
import { fill, find, moment, RestoreError } from './request';

/** Which dump is restored, and where to. */
export interface DumpRestoreRequest {
  /** Name of the database in the plan. */
  readonly name: string;
  /**
   * Tier to take it from.
   * @default - the newest dump of all tiers
   */
  readonly tier?: string;
  /**
   * RFC 3339, or `2024-01-15 14:30:00` in UTC: the newest dump that is not later.
   * @default - the newest dump
   */
  readonly at?: string;
  /**
   * Name of the new database.
   * @default - the database's own with `_restored` at the end
   */
  readonly into?: string;
}

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63;

/** The restore of a dump into a new database of the running server. Throws `RestoreError`. */
export function restoreDumpFrom(plan: RecoveryPlan, request: DumpRestoreRequest, now: Date): Procedure {
  const { name, tier, at } = request;
  const database = find(plan.databases, name, 'database');
  const { dumps } = database;
  if (dumps === undefined) {
    throw new RestoreError(`database ${name} has no dumps in the plan`);
  }
  const tiers = dumps.tiers.filter((candidate) => tier === undefined || candidate.name === tier);
  if (tiers.length === 0) {
    throw new RestoreError(
      `there is no tier ${tier}; there are ${dumps.tiers.map((candidate) => candidate.name).join(', ')}`,
    );
  }
  const kept = Math.max(...tiers.map(({ keepSeconds }) => keepSeconds));
  const notAfter = at === undefined ? '' : runIdOf(moment(at, now, kept, `the dumps of ${name}`));
  const into = newName(database, request.into);
  return fill(restoreDump(plan, database, { ...dumps, tiers }, into), { NOT_AFTER: notAfter });
}

function newName(database: DatabasePlan, wanted: string | undefined): string {
  const usual = restoredDatabase(database);
  if (wanted === undefined) {
    return usual;
  }
  if (!/^[a-z_][a-z0-9_]*$/.test(wanted) || wanted.length > LONGEST_NAME) {
    throw new RestoreError(
      `"${wanted}" is no name for a database; it has at most ${LONGEST_NAME} small letters, digits and underscores, like ${usual}`,
    );
  }
  if ([database.database, 'postgres', 'template0', 'template1'].includes(wanted)) {
    throw new RestoreError(`database ${wanted} is in use: a dump is restored into a new one, like ${usual}`);
  }
  return wanted;
}
