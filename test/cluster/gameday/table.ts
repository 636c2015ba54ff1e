import type { Result } from './result';

const COLUMNS: readonly (readonly [heading: string, cell: (result: Result) => string])[] = [
  ['game', ({ game }) => String(game)],
  ['disaster', ({ disaster }) => disaster],
  ['at', ({ moment }) => moment.toFixed(1)],
  ['heartbeats', ({ heartbeats }) => String(heartbeats)],
  ['of these lost', ({ lostHeartbeats }) => String(lostHeartbeats)],
  ['lost s', ({ lost }) => lost.toFixed(1)],
  ['restore s', ({ restore }) => restore.toFixed(1)],
  ['outage s', ({ outage }) => outage.toFixed(1)],
  ['total s', ({ total }) => total.toFixed(1)],
  ['objectives', ({ missed }) => (missed.length === 0 ? 'met' : missed.join('; '))],
];

/** The games as a Markdown table, and what they come to. */
export function tableOf(results: readonly Result[]): string {
  const rows = [
    COLUMNS.map(([heading]) => heading),
    COLUMNS.map(() => '---'),
    ...results.map((result) => COLUMNS.map(([, cell]) => cell(result))),
  ];
  return [...rows.map((row) => `| ${row.join(' | ')} |`), '', ...summaryOf(results), ''].join('\n');
}

/** Games in which an objective was missed, or something was found wrong. */
export function missedOf(results: readonly Result[]): Result[] {
  return results.filter(({ missed }) => missed.length > 0);
}

function summaryOf(results: readonly Result[]): string[] {
  const [first] = results;
  if (first === undefined) {
    return ['No game was played.'];
  }
  const line = (what: string, figure: (result: Result) => number, limits: string): string => {
    const figures = results.map(figure);
    return `${what}: worst ${Math.max(...figures).toFixed(1)} s, median ${median(figures).toFixed(1)} s; ${limits}`;
  };
  return [
    line('Loss', ({ lost }) => lost, `the plan says at most ${first.worstCaseLoss} s, RPO ${first.rpo} s`),
    line('Restore, from the creation to a write', ({ restore }) => restore, 'part of the following'),
    line('From the disaster to a write', ({ outage }) => outage, 'part of the following'),
    line(
      'With detection as assumed, and validation',
      ({ total }) => total,
      `the plan estimates ${first.estimate} s, RTO ${first.rto} s`,
    ),
    `Games: ${results.length}; with an objective missed: ${missedOf(results).length}`,
  ];
}

/** The middle of some figures; of an even number the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, figure) => sum + figure, 0) / middle.length;
}
