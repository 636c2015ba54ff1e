import { formatSeconds } from '../../config';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import type { ScheduledRun } from '../recovery-plan';

/** The runs of one job, for the checks that hold for every job. */
export interface JobUnderCheck {
  /** The asset, e.g. `database nextgen-postgres`. */
  readonly asset: string;
  /** Path of the deadline in the config. */
  readonly path: string;
  readonly run: ScheduledRun;
  /** Seconds that a run is estimated to take. */
  readonly needs: number;
  /** The job in words, e.g. `tier daily`. */
  readonly what: string;
}

/** A run that is still going when the next is due makes the CronJob controller skip that one; one that is killed protects nothing. */
export function checkDeadline({ asset, path, run, needs, what }: JobUnderCheck): Finding[] {
  const about = { asset, path, severity: Severity.ERROR };
  const room = run.shortestGap - run.startDelay;
  if (run.deadline > room) {
    return [
      {
        ...about,
        rule: 'runs-overlap',
        actual: formatSeconds(run.deadline),
        limit: formatSeconds(room),
        message: `a run of ${what} may still be going when the next one is due, which is then skipped (concurrencyPolicy Forbid)`,
        fix:
          room > 0
            ? `set deadline to ${formatSeconds(room)}`
            : `run it less often than every ${formatSeconds(run.shortestGap)}`,
      },
    ];
  }
  if (needs > run.deadline) {
    return [
      {
        ...about,
        rule: 'run-too-long',
        actual: formatSeconds(run.deadline),
        limit: formatSeconds(needs),
        message: `a run of ${what} is estimated to take ${formatSeconds(needs)} and would be killed`,
        fix: `allow at least ${formatSeconds(needs)}, run it less often, or raise the rates in assumptions if you have measured them`,
      },
    ];
  }
  return [];
}
