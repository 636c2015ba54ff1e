import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from '../../lib/schedule';

const HOUR = 3600;

/** Longest and shortest time between runs that follow each other. */
function gaps(runs: readonly number[]): { longest: number; shortest: number } {
  let longest = 0;
  let shortest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < runs.length; index += 1) {
    const gap = (runs[index] as number) - (runs[index - 1] as number);
    longest = Math.max(longest, gap);
    shortest = Math.min(shortest, gap);
  }
  return { longest, shortest };
}

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
        expect(found.longest).toBeLessThanOrEqual(schedule.longestGap());
        expect(found.shortest).toBeGreaterThanOrEqual(schedule.shortestGap());
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('equals that of every run enumerated over the whole calendar cycle', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), part(0, 23), part(0, 6), zones, (minute, hours, weekdays, zone) => {
        const schedule = Schedule.cron(`${minute} ${hours} * * ${weekdays}`, zone);
        const found = gaps(schedule.runs(Date.UTC(2025, 0, 1) / 1000, Date.UTC(2053, 1, 1) / 1000));
        expect(found).toEqual({ longest: schedule.longestGap(), shortest: schedule.shortestGap() });
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
