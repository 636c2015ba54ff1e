import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestRegularSchedule, Schedule } from '../../lib/schedule';

interface RobfigCase {
  readonly expression: string;
  readonly zone: string;
  readonly from: number;
  readonly to: number;
  readonly runs: number[];
}

const HOUR = 3600;
const robfig = JSON.parse(readFileSync(join(__dirname, 'fixtures/robfig-v3.json'), 'utf8')) as RobfigCase[];

function gaps(runs: readonly number[]): number[] {
  return runs.slice(1).map((run, index) => run - (runs[index] ?? 0));
}

describe('runs', () => {
  it('are exactly those of robfig/cron v3, which the CronJob controller uses', () => {
    const accepted = robfig.filter((one) => Schedule.cron(one.expression, one.zone).problems().length === 0);
    for (const { expression, zone, from, to, runs } of accepted) {
      expect(Schedule.cron(expression, zone).runs(from, to), `${expression} ${zone}`).toEqual(runs);
    }
    expect(accepted.length).toBeGreaterThan(1100);
  }, 30_000);

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

describe('the longest gap', () => {
  it.each([
    ['* * * * *', 'Etc/UTC', 60],
    ['*/15 * * * *', 'Europe/Berlin', 15 * 60],
    ['0 2 * * *', 'Etc/UTC', 24 * HOUR],
    ['30 2 * * *', 'Europe/Berlin', 47 * HOUR],
    ['0 12 * * *', 'Europe/Berlin', 25 * HOUR],
    ['0 9 * * 1-5', 'Etc/UTC', 72 * HOUR],
    ['0 8-17 * * *', 'Etc/UTC', 15 * HOUR],
    ['0 0 1 * *', 'Etc/UTC', 31 * 24 * HOUR],
    ['0 0 31 * *', 'Etc/UTC', 61 * 24 * HOUR],
    ['0 0 29 2 *', 'Etc/UTC', 1461 * 24 * HOUR],
    ['0 0 13 * 5', 'Etc/UTC', 7 * 24 * HOUR],
    ['*/7 * * * *', 'Etc/UTC', 7 * 60],
  ])('of %s in %s is exact', (expression, zone, seconds) => {
    expect(Schedule.cron(expression, zone).longestGap()).toBe(seconds);
  });

  const part = (min: number, max: number): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('*') },
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 1, max }).map((step) => `*/${step}`),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map((pair) => `${Math.min(...pair)}-${Math.max(...pair)}`),
    );
  const expressions = fc
    .tuple(
      part(0, 59),
      part(0, 23),
      fc.oneof({ weight: 2, arbitrary: fc.constant('*') }, part(1, 28)),
      fc.constant('*'),
      part(0, 6),
    )
    .map((fields) => fields.join(' '));
  const zones = fc.constantFrom(
    'Etc/UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Africa/Casablanca',
    'Pacific/Chatham',
  );

  it('and the shortest one bound every gap of enumerated years, for thousands of random schedules in several zones', () => {
    fc.assert(
      fc.property(expressions, zones, fc.integer({ min: 2025, max: 2049 }), (expression, zone, year) => {
        const schedule = Schedule.cron(expression, zone);
        const found = gaps(schedule.runs(Date.UTC(year, 2, 20) / 1000, Date.UTC(year, 4, 1) / 1000));
        expect(found.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(schedule.longestGap());
        expect(found.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(
          schedule.shortestGap(),
        );
      }),
      { numRuns: 2000, seed: 1 },
    );
  }, 300_000);

  it('equals that of every run enumerated over the whole calendar cycle', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), part(0, 23), part(0, 6), zones, (minute, hours, weekdays, zone) => {
        const schedule = Schedule.cron(`${minute} ${hours} * * ${weekdays}`, zone);
        const found = gaps(schedule.runs(Date.UTC(2025, 0, 1) / 1000, Date.UTC(2053, 1, 1) / 1000));
        expect(
          Math.max(
            ...found.slice(0, 100_000),
            found.reduce((a, b) => Math.max(a, b), 0),
          ),
        ).toBe(schedule.longestGap());
        expect(found.reduce((a, b) => Math.min(a, b))).toBe(schedule.shortestGap());
      }),
      { numRuns: 2000, seed: 1 },
    );
  }, 300_000);
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
