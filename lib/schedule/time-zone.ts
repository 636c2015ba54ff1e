/** A stretch of time in which a zone keeps one offset; `from` and `to` are epoch seconds, `to` excluded. */
export interface OffsetSpan {
  readonly from: number;
  readonly to: number;
  /** Seconds that local time is ahead of UTC. */
  readonly offset: number;
}

/** Zones change their offset for at least a few weeks (Morocco's Ramadan is the shortest), so weekly samples miss none. */
const SAMPLE = 7 * 86400;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether Node's zone database knows a zone; the API server checks the name against Go's copy of the same database. */
export function isTimeZone(name: string): boolean {
  return name !== '' && name.toLowerCase() !== 'local' && !/^[+-]/.test(name) && formatOf(name) !== undefined;
}

/** The known zone with the most similar name, for error messages. */
export function nearestTimeZone(name: string): string {
  const wanted = name.toLowerCase().replace(/[^a-z]/g, '');
  const known = ['Etc/UTC', ...Intl.supportedValuesOf('timeZone')];
  const city = known.find(
    (zone) =>
      wanted !== '' &&
      zone
        .toLowerCase()
        .replace(/[^a-z]/g, '')
        .endsWith(wanted),
  );
  return (
    city ??
    known
      .map((zone) => ({ zone, distance: editDistance(zone.toLowerCase(), name.toLowerCase()) }))
      .reduce((a, b) => (b.distance < a.distance ? b : a)).zone
  );
}

/** Times for which a zone's spans are found once and kept: asking Intl is slow, and all planning happens within them. */
const KEPT = { from: Date.UTC(2024, 11, 1) / 1000, to: Date.UTC(2053, 1, 2) / 1000 };

const kept = new Map<string, OffsetSpan[]>();

/** The zone's offset spans that cover `[from, to)`. */
export function offsetSpans(zone: string, from: number, to: number): OffsetSpan[] {
  if (from < KEPT.from || to > KEPT.to) {
    return findSpans(zone, from, to);
  }
  let spans = kept.get(zone);
  if (spans === undefined) {
    spans = findSpans(zone, KEPT.from, KEPT.to);
    kept.set(zone, spans);
  }
  return spans
    .filter((span) => span.to > from && span.from < to)
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to), offset: span.offset }));
}

function findSpans(zone: string, from: number, to: number): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let start = from;
  let offset = offsetAt(zone, from);
  for (let sample = from; sample < to; sample += SAMPLE) {
    const next = Math.min(sample + SAMPLE, to);
    const nextOffset = offsetAt(zone, next);
    if (nextOffset !== offset) {
      const change = transition(zone, sample, next, offset);
      spans.push({ from: start, to: change, offset });
      start = change;
      offset = nextOffset;
    }
  }
  spans.push({ from: start, to, offset });
  return spans;
}

function transition(zone: string, low: number, high: number, offset: number): number {
  let before = low;
  let after = high;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(zone, middle) === offset) {
      before = middle;
    } else {
      after = middle;
    }
  }
  return after;
}

function offsetAt(zone: string, epochSeconds: number): number {
  const format = formatOf(zone);
  if (format === undefined) {
    throw new Error(`unknown time zone ${zone}`);
  }
  const parts = new Map(format.formatToParts(epochSeconds * 1000).map((part) => [part.type, Number(part.value)]));
  const at = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
  return local / 1000 - epochSeconds;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) {
    return known;
  }
  try {
    const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
