import { AlertSeverity } from '../alert';
import type { WatchedRun } from '../monitoring-plan';

const MINUTE = 60;
const HOUR = 3600;

/** Seconds between two runs above which a person can mend a failed run before the next one would have. */
const TIME_TO_MEND = 6 * HOUR;

/** Part of the worst case in which the alert is pending, so that a gap in the series or a late scrape raises none. */
const PENDING_PART = 6;

/** When the age of the newest good result is wrong. All times in seconds. */
export interface Overdue {
  readonly severity: AlertSeverity;
  /** Age above which the alert is pending. */
  readonly threshold: number;
  readonly forSeconds: number;
}

/** Fires once the newest result is older than it can be while everything goes as planned, tolerated failures included: age and pending time make exactly that worst case. */
export function pastWorstCase({ worstCaseLoss }: WatchedRun): Overdue {
  const part = Math.floor(worstCaseLoss / PENDING_PART / MINUTE) * MINUTE;
  const forSeconds = Math.min(HOUR, part);
  return { severity: AlertSeverity.CRITICAL, threshold: worstCaseLoss - forSeconds, forSeconds };
}

/** Fires once a run is missing, though the plan may tolerate it: what runs so seldom is not made up for by its next run. */
export function pastNextRun(run: WatchedRun): Overdue {
  const worstCaseLoss = run.longestGap + run.startDelay + run.deadline;
  return { ...pastWorstCase({ ...run, worstCaseLoss }), severity: AlertSeverity.WARNING };
}

/** Fires before that, once a run is missing that the plan tolerates; only where runs are so rare that it helps. */
export function runMissing(run: WatchedRun): Overdue[] {
  const { longestGap, startDelay, deadline, toleratedFailedRuns } = run;
  return toleratedFailedRuns === 0 || longestGap < TIME_TO_MEND
    ? []
    : [
        {
          severity: AlertSeverity.WARNING,
          threshold: longestGap,
          forSeconds: Math.max(HOUR, Math.floor(startDelay + deadline)),
        },
      ];
}
