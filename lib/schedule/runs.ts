import type { CronExpression } from './cron-expression';
import { dayMatches } from './cron-expression';
import type { OffsetSpan } from './time-zone';
import { offsetSpans } from './time-zone';

const DAY = 86400;

/**
 * One full calendar cycle: between 1901 and 2099 dates, weekdays, leap years and weekday-ruled clock changes repeat every 28 years,
 * so gaps found here are the gaps of all those years.
 */
export const CYCLE = { from: Date.UTC(2025, 0, 1) / 1000, to: Date.UTC(2053, 0, 1) / 1000 };

/** Shortest and longest time between two consecutive runs, in seconds. */
export interface Gaps {
  readonly shortest: number;
  readonly longest: number;
}

/** All runs in `[from, to)` as epoch seconds, ascending, as the CronJob controller would start them. */
export function runsBetween(cron: CronExpression, zone: string, from: number, to: number): number[] {
  const runs: number[] = [];
  for (const span of offsetSpans(zone, from, to)) {
    forEachDay(cron, span, (_, firstSecond) => {
      for (const minute of cron.minutesOfDay) {
        const run = firstSecond + minute * 60;
        if (run >= span.from && run < span.to) {
          runs.push(run);
        }
      }
    });
  }
  return runs;
}

/** The exact shortest and longest gap over one calendar cycle; undefined when the expression never runs twice in it. */
export function gapsOf(cron: CronExpression, zone: string): Gaps | undefined {
  const meter = new GapMeter();
  const within = gapsWithin(cron.minutesOfDay);
  for (const span of offsetSpans(zone, CYCLE.from, CYCLE.to)) {
    forEachDay(cron, span, (wholeDay, firstSecond) => {
      if (wholeDay) {
        meter.wholeDay(firstSecond, cron.minutesOfDay, within);
        return;
      }
      for (const minute of cron.minutesOfDay) {
        const run = firstSecond + minute * 60;
        if (run >= span.from && run < span.to) {
          meter.run(run);
        }
      }
    });
  }
  return meter.result();
}

/**
 * Whether clock changes in a zone make the CronJob controller's library lose runs that the expression names: it walks in whole hours, so
 * it stumbles over changes by part of one, and when looking for the next matching day it steps over a day that has no midnight.
 */
export function losesRuns(cron: CronExpression, zone: string): boolean {
  const spans = offsetSpans(zone, CYCLE.from, CYCLE.to);
  const everyDay = cron.daysOfMonth.size === 31 && cron.months.size === 12 && cron.daysOfWeek.size === 7;
  return spans.slice(1).some((span, index) => {
    const before = spans[index]?.offset ?? span.offset;
    const shift = span.offset - before;
    const firstMidnight = Math.ceil((span.from + before) / DAY) * DAY;
    return shift % 3600 !== 0 || (!everyDay && shift > 0 && firstMidnight < span.from + span.offset);
  });
}

/** Calls back for each matching local day that touches the span: whether the span holds the whole day, and the epoch second of its local midnight. */
function forEachDay(
  cron: CronExpression,
  span: OffsetSpan,
  visit: (wholeDay: boolean, firstSecond: number) => void,
): void {
  const firstDay = Math.floor((span.from + span.offset) / DAY);
  const lastDay = Math.floor((span.to - 1 + span.offset) / DAY);
  for (let day = firstDay; day <= lastDay; day += 1) {
    const date = new Date(day * DAY * 1000);
    if (dayMatches(cron, date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCDay())) {
      const firstSecond = day * DAY - span.offset;
      visit(firstSecond >= span.from && firstSecond + DAY <= span.to, firstSecond);
    }
  }
}

function gapsWithin(minutesOfDay: readonly number[]): Gaps {
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let index = 1; index < minutesOfDay.length; index += 1) {
    const gap = ((minutesOfDay[index] ?? 0) - (minutesOfDay[index - 1] ?? 0)) * 60;
    shortest = Math.min(shortest, gap);
    longest = Math.max(longest, gap);
  }
  return { shortest, longest };
}

class GapMeter {
  private last: number | undefined;
  private shortest = Number.POSITIVE_INFINITY;
  private longest = 0;

  public run(at: number): void {
    if (this.last !== undefined) {
      this.gap(at - this.last);
    }
    this.last = at;
  }

  public wholeDay(firstSecond: number, minutesOfDay: readonly number[], within: Gaps): void {
    this.run(firstSecond + (minutesOfDay[0] ?? 0) * 60);
    if (minutesOfDay.length > 1) {
      this.shortest = Math.min(this.shortest, within.shortest);
      this.longest = Math.max(this.longest, within.longest);
      this.last = firstSecond + (minutesOfDay[minutesOfDay.length - 1] ?? 0) * 60;
    }
  }

  /** Even 29 February comes seven times in a cycle, so a gap that only its end would show does not exist. */
  public result(): Gaps | undefined {
    return this.longest === 0 ? undefined : { shortest: this.shortest, longest: this.longest };
  }

  private gap(seconds: number): void {
    this.shortest = Math.min(this.shortest, seconds);
    this.longest = Math.max(this.longest, seconds);
  }
}
