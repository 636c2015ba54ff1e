import type { CronExpression } from './cron-expression';
import { CronSyntaxError, parseCron } from './cron-expression';
import { describeCron } from './describe';
import type { Gaps } from './runs';
import { gapsOf, losesRuns, runsBetween } from './runs';
import { isTimeZone, nearestTimeZone } from './time-zone';

/** Why a schedule cannot be used, and the nearest one that can. */
export interface ScheduleProblem {
  /** Stable id of the rule. */
  readonly rule: string;
  /** What was given. */
  readonly actual: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
  /** The nearest setting that works. */
  readonly fix: string;
}

const UTC_ZONES = ['Etc/UTC', 'UTC'];

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * When a protection runs. One value renders five fields for a CronJob and six for CloudNativePG; runs and gaps are those of the CronJob
 * controller (robfig/cron v3). A mistake is reported by {@link problems}, so that a config shows all of its mistakes at once.
 */
export class Schedule {
  /** A five-field cron expression in a time zone. */
  public static cron(expression: string, timeZone: string = 'Etc/UTC'): Schedule {
    return new Schedule(expression.trim().replace(/\s+/g, ' '), timeZone);
  }

  /** Every so many minutes, from the full hour; `minutes` divides 60. */
  public static everyMinutes(minutes: number): Schedule {
    return new Schedule(minutes === 60 ? '0 * * * *' : `*/${minutes} * * * *`, 'Etc/UTC');
  }

  /** Every so many hours, from midnight UTC; `hours` divides 24. */
  public static everyHours(hours: number): Schedule {
    return new Schedule(hours === 1 ? '0 * * * *' : `0 */${hours} * * *`, 'Etc/UTC');
  }

  /** Every day at a time written `HH:MM`. */
  public static dailyAt(time: string, timeZone: string = 'Etc/UTC'): Schedule {
    return new Schedule(`${clock(time)} * * *`, timeZone);
  }

  /** Every week at a time written `HH:MM`; `weekday` counts from Sunday, 0. */
  public static weeklyAt(weekday: number, time: string, timeZone: string = 'Etc/UTC'): Schedule {
    return new Schedule(`${clock(time)} * * ${weekday}`, timeZone);
  }

  private parsed: CronExpression | undefined;
  private gaps: Gaps | undefined;

  private constructor(
    /** The five-field expression. */
    public readonly expression: string,
    /** IANA name of the zone in which the expression is read. */
    public readonly timeZone: string,
  ) {}

  /** Everything that is wrong with the schedule. */
  public problems(): ScheduleProblem[] {
    const problems: ScheduleProblem[] = [];
    if (!isTimeZone(this.timeZone)) {
      problems.push({
        rule: 'schedule-time-zone',
        actual: this.timeZone,
        message: 'must be an IANA time zone name',
        fix: `use ${nearestTimeZone(this.timeZone)}`,
      });
    }
    const syntax = this.syntaxProblem();
    if (syntax !== undefined) {
      problems.push(syntax);
    } else if (problems.length === 0 && gapsOf(this.cron(), this.timeZone) === undefined) {
      problems.push({
        rule: 'schedule-never-runs',
        actual: this.expression,
        message: 'must name a date that exists',
        fix: 'use a day that each named month has, e.g. 28',
      });
    } else if (problems.length === 0 && losesRuns(this.cron(), this.timeZone)) {
      problems.push({
        rule: 'schedule-zone-irregular',
        actual: `${this.expression} (${this.timeZone})`,
        message:
          'must not be in this zone: its clocks change at midnight or by part of an hour, where the CronJob controller loses runs',
        fix: 'write the hours in UTC and leave the time zone out',
      });
    }
    return problems;
  }

  /** What keeps CloudNativePG from running the schedule as written: it reads robfig/cron v1 expressions in the operator's clock, UTC. */
  public cnpgProblems(): ScheduleProblem[] {
    const problems = this.problems();
    if (problems.length > 0) {
      return problems;
    }
    if (!UTC_ZONES.includes(this.timeZone)) {
      problems.push({
        rule: 'schedule-cnpg-zone',
        actual: `${this.expression} (${this.timeZone})`,
        message: 'must be in Etc/UTC: CloudNativePG has no time zone field',
        fix: 'write the hours in UTC and leave the time zone out',
      });
    }
    if (this.cron().bothDays !== this.cron().bothDaysInV1) {
      problems.push({
        rule: 'schedule-cnpg-days',
        actual: this.expression,
        message:
          'must not combine a stepped day field with the other one: CloudNativePG reads that differently from a CronJob',
        fix: 'restrict one day field only',
      });
    }
    return problems;
  }

  /** Five fields, for a CronJob. */
  public toCronJob(): string {
    return this.expression;
  }

  /** Six fields, seconds first, for a CloudNativePG ScheduledBackup. */
  public toCnpg(): string {
    return `0 ${this.expression}`;
  }

  /** The schedule in a few words, for people. */
  public describe(): string {
    const zone = UTC_ZONES.includes(this.timeZone) ? 'UTC' : this.timeZone;
    return describeCron(this.expression, zone);
  }

  /** Runs in `[from, to)` as epoch seconds. */
  public runs(from: number, to: number): number[] {
    return runsBetween(this.cron(), this.timeZone, from, to);
  }

  /** Longest time between two consecutive runs, in seconds, clock changes included. */
  public longestGap(): number {
    return this.measured().longest;
  }

  /** Shortest time between two consecutive runs, in seconds. */
  public shortestGap(): number {
    return this.measured().shortest;
  }

  private measured(): Gaps {
    this.gaps ??= gapsOf(this.cron(), this.timeZone);
    if (this.gaps === undefined) {
      throw new Error(`schedule "${this.expression}" never runs`);
    }
    return this.gaps;
  }

  private cron(): CronExpression {
    this.parsed ??= parseCron(this.expression);
    return this.parsed;
  }

  private syntaxProblem(): ScheduleProblem | undefined {
    try {
      this.cron();
      return undefined;
    } catch (error) {
      if (!(error instanceof CronSyntaxError)) {
        throw error;
      }
      return {
        rule: 'schedule-syntax',
        actual: this.expression,
        message: error.message,
        fix: nearestExpression(this.expression),
      };
    }
  }
}

function clock(time: string): string {
  const [hour = '', minute = ''] = time.split(':');
  return `${stripZero(minute)} ${stripZero(hour)}`;
}

function stripZero(digits: string): string {
  return /^\d\d?$/.test(digits) ? String(Number(digits)) : digits || '?';
}

function nearestExpression(expression: string): string {
  const macro = MACROS[expression.toLowerCase()];
  if (macro !== undefined) {
    return `write ${macro}`;
  }
  const fields = expression.split(' ');
  if (fields.length === 6) {
    return `leave out the seconds: ${fields.slice(1).join(' ')} (CloudNativePG's sixth field is added where it is needed)`;
  }
  if (fields.length === 5 && fields[4]?.includes('7')) {
    return `write Sunday as 0: ${[...fields.slice(0, 4), fields[4].replace(/7/g, '0')].join(' ')}`;
  }
  return 'write five fields, e.g. 0 2 * * * for every day at 02:00';
}
