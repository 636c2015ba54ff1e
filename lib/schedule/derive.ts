import { Schedule } from './schedule';

/** Divisors of an hour and of a day give even gaps across midnight; others would leave a short last gap. */
const MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12];

/** The schedules that the plan derives and recommends, from the most frequent to the rarest. */
export const REGULAR_SCHEDULES: readonly Schedule[] = [
  ...MINUTES.map((minutes) => Schedule.everyMinutes(minutes)),
  ...HOURS.map((hours) => Schedule.everyHours(hours)),
  Schedule.dailyAt('01:00'),
  Schedule.weeklyAt(0, '01:00'),
];

/** The regular schedule with the longest gap that does not exceed `seconds`; undefined when even every minute is too slow. */
export function largestRegularSchedule(seconds: number): Schedule | undefined {
  return REGULAR_SCHEDULES.filter((schedule) => schedule.longestGap() <= seconds).pop();
}
