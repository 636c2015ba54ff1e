import type { DatabasePlan } from '../../../lib';
import { query } from './database';

/** A whole second, in UTC, with at least one more on either side of it at which nothing is written. */
export async function quietMoment(plan: DatabasePlan): Promise<string> {
  const answer = await query(
    plan,
    "SELECT pg_sleep(2); SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'); SELECT pg_sleep(2)",
  );
  return answer.trim();
}

/** What a pasted validation printed, a line for each check: one that holds begins with a t. */
export function validated(out: string): string[] {
  return out.split('\n').filter((line) => /^[tf]\|/.test(line));
}
