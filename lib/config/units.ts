import type { Duration, Size } from 'cdk8s';
import { SizeRoundingBehavior } from 'cdk8s';

/** Seconds in a duration; the plan computes in seconds only. */
export function secondsOf(duration: Duration): number {
  return duration.toSeconds({ integral: false });
}

/** Bytes in a size; the plan computes in bytes only. */
export function bytesOf(size: Size): number {
  return size.toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1024;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** Prints seconds the way a person says them, exactly: `1d 2h`, `12m 30s`, `0s`. */
export function formatSeconds(seconds: number): string {
  let rest = Math.ceil(seconds);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) {
      parts.push(`${count}${unit}`);
      rest -= count * size;
    }
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}

const BINARY_UNITS = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];

/** Prints bytes as a rounded binary quantity for people, e.g. `20 Gi`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${BINARY_UNITS[unit]}`;
}

/** Bytes as a Kubernetes quantity, rounded up to whole mebibytes (or gibibytes where it is even). */
export function quantityOf(bytes: number): string {
  const mebibytes = Math.ceil(bytes / (1024 * 1024));
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}
