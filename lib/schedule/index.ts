export { largestRegularSchedule, REGULAR_SCHEDULES } from './derive';
export type { ScheduleProblem } from './schedule';
export { Schedule } from './schedule';
