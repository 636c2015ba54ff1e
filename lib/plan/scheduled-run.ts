import { formatSeconds } from '../config';
import { largestRegularSchedule, REGULAR_SCHEDULES, Schedule } from '../schedule';
import type { Assumptions } from './assumptions';
import type { ScheduledRun } from './recovery-plan';

const MINUTE = 60;

/** The plan of one schedule. The loss is counted from a run's capture, which may be as early as its schedule, to the next run's commit. */
export function scheduledRun(
  schedule: Schedule,
  derived: boolean,
  deadline: number,
  assumptions: Assumptions,
): ScheduledRun {
  const longestGap = schedule.longestGap();
  const { startDelay, toleratedFailedRuns } = assumptions;
  return {
    cron: schedule.toCronJob(),
    cnpgCron: schedule.toCnpg(),
    timeZone: schedule.timeZone,
    description: schedule.describe(),
    derived,
    longestGap,
    shortestGap: schedule.shortestGap(),
    startDelay,
    deadline,
    toleratedFailedRuns,
    worstCaseLoss: longestGap * (1 + toleratedFailedRuns) + startDelay + deadline,
  };
}

/** The regular schedule with the longest interval whose worst case stays within an objective; undefined when none does. */
export function scheduleForLoss(rpo: number, deadline: number, assumptions: Assumptions): Schedule | undefined {
  const { startDelay, toleratedFailedRuns } = assumptions;
  const schedule = largestRegularSchedule((rpo - startDelay - deadline) / (1 + toleratedFailedRuns));
  return schedule !== undefined && schedule.shortestGap() >= startDelay + deadline ? schedule : undefined;
}

/** Stands in where no schedule meets the objective, which is then reported. */
const UNREACHABLE = Schedule.everyMinutes(5);

/** The schedule of a protection that meets its objective alone: the given one, or the rarest that will do. */
export function givenOrDerived(
  given: Schedule | undefined,
  rpo: number,
  deadline: number,
  assumptions: Assumptions,
): Schedule {
  return given ?? scheduleForLoss(rpo, deadline, assumptions) ?? UNREACHABLE;
}

/** A deadline that is over before the next run is due, in whole minutes where there is room for one. */
export function beforeNextRun(wanted: number, schedule: Schedule, assumptions: Assumptions): number {
  const room = schedule.shortestGap() - assumptions.startDelay;
  return room >= MINUTE ? Math.min(wanted, Math.floor(room / MINUTE) * MINUTE) : wanted;
}

/** Says which schedule meets an objective, or why none does. */
export function nearestSchedule(rpo: number, deadline: number, assumptions: Assumptions): string {
  const schedule = scheduleForLoss(rpo, deadline, assumptions);
  if (schedule !== undefined) {
    return `use a schedule that runs ${schedule.describe()} (${schedule.expression}), or leave it out to have it derived`;
  }
  const smallest = smallestLoss(deadline, assumptions);
  return `no schedule meets it: a run may start ${formatSeconds(assumptions.startDelay)} late and take ${formatSeconds(deadline)}; the smallest objective is ${formatSeconds(smallest)}`;
}

/** The smallest worst case that any regular schedule reaches: runs may follow each other but not overlap. */
function smallestLoss(deadline: number, assumptions: Assumptions): number {
  const run = assumptions.startDelay + deadline;
  const schedule = REGULAR_SCHEDULES.find((candidate) => candidate.shortestGap() >= run);
  return schedule === undefined
    ? Number.POSITIVE_INFINITY
    : schedule.longestGap() * (1 + assumptions.toleratedFailedRuns) + run;
}
