import { formatSeconds } from '../config';

/** A text that says a moment in the wrong way, or a moment that cannot be recovered to. */
export class MomentError extends Error {}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/;

/** Reads RFC 3339, or `2024-01-15 14:30:00`, which is UTC as long as it names no zone. */
export function readMoment(text: string): Date {
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = MOMENT.exec(text) ?? [];
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const moment = new Date(`${local}${fraction}${offset}`);
  // A date that no calendar has is moved to one that it has.
  const exists = !Number.isNaN(moment.getTime()) && new Date(`${local}Z`).toISOString().startsWith(local);
  if (!exists) {
    throw new MomentError(
      `"${text}" is no moment; write 2024-01-15T14:30:00Z, or 2024-01-15 14:30:00 for the same in UTC`,
    );
  }
  return moment;
}

/** Refuses a moment that has not come yet, or that is older than what is kept. */
export function requireWithin(moment: Date, now: Date, keptSeconds: number, what: string): void {
  const earliest = new Date(now.getTime() - keptSeconds * 1000);
  if (moment > now) {
    throw new MomentError(
      `${rfc3339(moment)} has not come yet; it is ${rfc3339(now)}. Leave the time out for everything that was archived`,
    );
  }
  if (moment < earliest) {
    throw new MomentError(
      `${rfc3339(moment)} is older than ${what}, kept for ${formatSeconds(keptSeconds)}; the earliest is ${rfc3339(earliest)}`,
    );
  }
}

/** A moment in UTC, to the second unless it is finer. */
export function rfc3339(moment: Date): string {
  return moment.toISOString().replace('.000Z', 'Z');
}

/** A moment as the id of a run. */
export function runIdOf(moment: Date): string {
  return moment.toISOString().replace(/[-:]|\.\d+/g, '');
}
