export { largestRegularSchedule } from './derive';
export type { ScheduleProblem } from './schedule';
export { Schedule } from './schedule';
