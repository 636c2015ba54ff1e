import type { Values } from '../fill-in';
import { fillIn, valueProblems } from '../fill-in';
import { MomentError, readMoment, requireWithin } from '../moment';
import type { Procedure } from '../procedure';

/** Why a restore cannot be made as asked for, with what would work. */
export class RestoreError extends Error {}

/** Reads a moment of which something is kept. Throws `RestoreError`. */
export function moment(text: string, now: Date, keptSeconds: number, what: string): Date {
  try {
    const read = readMoment(text);
    requireWithin(read, now, keptSeconds, what);
    return read;
  } catch (error) {
    throw error instanceof MomentError ? new RestoreError(error.message) : error;
  }
}

/** Fills values into a procedure. Throws `RestoreError` with every value that cannot be right. */
export function fill(procedure: Procedure, values: Values): Procedure {
  const problems = valueProblems(procedure, values);
  if (problems.length > 0) {
    throw new RestoreError(problems.join('\n'));
  }
  return fillIn(procedure, values);
}

/** What a plan calls by a name. Throws `RestoreError` with the names that there are. */
export function find<T extends { readonly name: string }>(list: readonly T[], name: string, kind: string): T {
  const found = list.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const known = list.map((candidate) => candidate.name).join(', ');
    throw new RestoreError(`the plan has no ${kind} ${name}; it has ${known === '' ? 'none' : known}`);
  }
  return found;
}
