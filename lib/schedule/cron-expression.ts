/** A five-field cron expression, parsed as robfig/cron v3 parses it for the CronJob controller. */
export interface CronExpression {
  /** Minutes of the day (0..1439) at which a matching day has runs, ascending. */
  readonly minutesOfDay: readonly number[];
  /** Matching days of the month, indexed 1..31. */
  readonly daysOfMonth: ReadonlySet<number>;
  /** Matching months, 1..12. */
  readonly months: ReadonlySet<number>;
  /** Matching days of the week, 0 (Sunday)..6. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Whether both day fields must match; with neither a star, one is enough. */
  readonly bothDays: boolean;
  /** Whether robfig/cron v1, which CloudNativePG uses, would combine the day fields in the other way. */
  readonly bothDaysInV1: boolean;
}

/** What a field of an expression got wrong. */
export class CronSyntaxError extends Error {}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

interface FieldValues {
  readonly values: Set<number>;
  readonly star: boolean;
  readonly starInV1: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS = {
  minute: { name: 'minute', min: 0, max: 59, names: [] },
  hour: { name: 'hour', min: 0, max: 23, names: [] },
  dayOfMonth: { name: 'day of month', min: 1, max: 31, names: [] },
  month: { name: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { name: 'day of week', min: 0, max: 6, names: WEEKDAYS },
} as const satisfies Record<string, Field>;

/** Parses five whitespace-separated fields; throws {@link CronSyntaxError} with the field and what it allows. */
export function parseCron(expression: string): CronExpression {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 5) {
    throw new CronSyntaxError(
      `has ${expression.trim() === '' ? 0 : parts.length} fields; five are allowed: minute hour day-of-month month day-of-week`,
    );
  }
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = parts;
  const minutes = parseField(minute, FIELDS.minute);
  const hours = parseField(hour, FIELDS.hour);
  const days = parseField(dayOfMonth, FIELDS.dayOfMonth);
  const months = parseField(month, FIELDS.month);
  const weekdays = parseField(dayOfWeek, FIELDS.dayOfWeek);
  return {
    minutesOfDay: minutesOfDay(hours.values, minutes.values),
    daysOfMonth: days.values,
    months: months.values,
    daysOfWeek: weekdays.values,
    bothDays: days.star || weekdays.star,
    bothDaysInV1: days.starInV1 || weekdays.starInV1,
  };
}

function minutesOfDay(hours: ReadonlySet<number>, minutes: ReadonlySet<number>): number[] {
  const result: number[] = [];
  for (const hour of hours) {
    for (const minute of minutes) {
      result.push(hour * 60 + minute);
    }
  }
  return result.sort((a, b) => a - b);
}

function parseField(text: string, field: Field): FieldValues {
  const values = new Set<number>();
  let star = false;
  let starInV1 = false;
  // Like the Go library, which splits with FieldsFunc, an empty list element counts for nothing.
  const elements = text.split(',').filter((element) => element !== '');
  if (elements.length === 0) {
    throw new CronSyntaxError(`has an empty ${field.name}`);
  }
  for (const element of elements) {
    const range = parseRange(element, field);
    for (let value = range.from; value <= range.to; value += range.step) {
      values.add(value);
    }
    star = star || (range.star && range.step === 1);
    starInV1 = starInV1 || range.star;
  }
  return { values, star, starInV1 };
}

function parseRange(element: string, field: Field): { from: number; to: number; step: number; star: boolean } {
  const [range = '', stepText, ...moreSteps] = element.split('/');
  const [fromText = '', toText, ...moreBounds] = range.split('-');
  if (moreSteps.length > 0 || moreBounds.length > 0) {
    throw new CronSyntaxError(`has an unreadable ${field.name} "${element}"`);
  }
  const star = fromText === '*' || fromText === '?';
  const from = star ? field.min : parseValue(fromText, field);
  const step = stepText === undefined ? 1 : parseNumber(stepText, field);
  const single = toText === undefined && stepText === undefined;
  const to = star ? field.max : toText !== undefined ? parseValue(toText, field) : single ? from : field.max;
  if (step === 0) {
    throw new CronSyntaxError(`has a step of 0 in its ${field.name}`);
  }
  if (from < field.min || to > field.max || from > to) {
    throw new CronSyntaxError(`has a ${field.name} "${element}" outside ${field.min}-${field.max}`);
  }
  return { from, to, step, star };
}

function parseValue(text: string, field: Field): number {
  const named = field.names.indexOf(text.toLowerCase());
  return named >= 0 ? named + field.min : parseNumber(text, field);
}

function parseNumber(text: string, field: Field): number {
  if (!/^\d+$/.test(text)) {
    throw new CronSyntaxError(`has an unreadable ${field.name} "${text}"`);
  }
  return Number(text);
}

/** Whether a day has runs; `weekday` counts from Sunday. */
export function dayMatches(cron: CronExpression, day: number, month: number, weekday: number): boolean {
  return cron.months.has(month) && daysMatch(cron.daysOfMonth.has(day), cron.daysOfWeek.has(weekday), cron.bothDays);
}

function daysMatch(dayOfMonth: boolean, dayOfWeek: boolean, both: boolean): boolean {
  return both ? dayOfMonth && dayOfWeek : dayOfMonth || dayOfWeek;
}
