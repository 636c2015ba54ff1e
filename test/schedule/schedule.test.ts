import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largestRegularSchedule, Schedule } from '../../lib/schedule';

interface RobfigCase {
  readonly expression: string;
  readonly zone: string;
  readonly from: number;
  readonly to: number;
  readonly runs: number[];
}

const robfig = JSON.parse(readFileSync(join(__dirname, 'fixtures/robfig-v3.json'), 'utf8')) as RobfigCase[];

describe('runs', () => {
  it('are exactly those of robfig/cron v3, which the CronJob controller uses', () => {
    const accepted = robfig.filter((one) => Schedule.cron(one.expression, one.zone).problems().length === 0);
    for (const { expression, zone, from, to, runs } of accepted) {
      expect(Schedule.cron(expression, zone).runs(from, to), `${expression} ${zone}`).toEqual(runs);
    }
    expect(accepted.length).toBeGreaterThan(1100);
  });

  it('that robfig/cron would lose are refused: clocks that change at midnight or by part of an hour', () => {
    const different = robfig.filter(
      ({ expression, zone, from, to, runs }) =>
        JSON.stringify(Schedule.cron(expression, zone).runs(from, to)) !== JSON.stringify(runs),
    );
    expect(different.length).toBeGreaterThan(0);
    for (const { expression, zone } of different) {
      expect(
        Schedule.cron(expression, zone)
          .problems()
          .map(({ rule }) => rule),
      ).toContain('schedule-zone-irregular');
    }
  });

  it('of 02:30 in Berlin skip the night that has no 02:30 and repeat in the night that has two', () => {
    const schedule = Schedule.dailyAt('02:30', 'Europe/Berlin');
    const at = (from: string, to: string): string[] =>
      schedule.runs(Date.parse(from) / 1000, Date.parse(to) / 1000).map((run) => new Date(run * 1000).toISOString());
    expect(at('2026-03-28T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    expect(at('2026-10-24T12:00:00Z', '2026-10-26T00:00:00Z')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });
});

describe('a schedule', () => {
  it('renders five fields for a CronJob and six for CloudNativePG', () => {
    const schedule = Schedule.cron(' 0  */6 * * * ');
    expect(schedule.toCronJob()).toBe('0 */6 * * *');
    expect(schedule.toCnpg()).toBe('0 0 */6 * * *');
    expect(schedule.describe()).toBe('every 6 h');
  });

  it.each([
    ['0 0 2 * * *', 'Etc/UTC', 'schedule-syntax', 'six', 'leave out the seconds: 0 2 * * *'],
    ['@daily', 'Etc/UTC', 'schedule-syntax', 'macro', 'write 0 0 * * *'],
    ['0 24 * * *', 'Etc/UTC', 'schedule-syntax', 'hour', 'write five fields'],
    ['0 2 * * 7', 'Etc/UTC', 'schedule-syntax', 'weekday', 'write Sunday as 0: 0 2 * * 0'],
    ['tomorrow', 'Etc/UTC', 'schedule-syntax', 'word', 'write five fields'],
    ['*/0 * * * *', 'Etc/UTC', 'schedule-syntax', 'step', 'write five fields'],
    ['0 0 31 2 *', 'Etc/UTC', 'schedule-never-runs', 'date', 'use a day that each named month has'],
    ['0 2 * * *', 'Europe/Berln', 'schedule-time-zone', 'zone', 'use Europe/Berlin'],
    ['0 2 * * 0', 'Asia/Beirut', 'schedule-zone-irregular', 'midnight', 'write the hours in UTC'],
    ['0 2 * * *', 'Australia/Lord_Howe', 'schedule-zone-irregular', 'half hour', 'write the hours in UTC'],
  ])('%s in %s is refused as %s (%s), with a fix', (expression, zone, rule, _, fix) => {
    expect(Schedule.cron(expression, zone).problems()).toEqual([
      expect.objectContaining({ rule, fix: expect.stringContaining(fix) }),
    ]);
  });

  it.each([
    ['0 2 * * *', 'Europe/Berlin', 'schedule-cnpg-zone'],
    ['0 2 */2 * 1', 'Etc/UTC', 'schedule-cnpg-days'],
  ])('%s in %s is fine for a CronJob but refused for CloudNativePG as %s', (expression, zone, rule) => {
    const schedule = Schedule.cron(expression, zone);
    expect(schedule.problems()).toEqual([]);
    expect(schedule.cnpgProblems().map((problem) => problem.rule)).toEqual([rule]);
  });
});

describe('the largest regular schedule', () => {
  it.each([
    [59, undefined],
    [60, '*/1 * * * *'],
    [899, '*/12 * * * *'],
    [900, '*/15 * * * *'],
    [7200, '0 */2 * * *'],
    [86_399, '0 */12 * * *'],
    [86_400, '0 1 * * *'],
    [10 ** 9, '0 1 * * 0'],
  ])('within %s s is %s', (seconds, expression) => {
    expect(largestRegularSchedule(seconds)?.expression).toBe(expression);
  });
});
