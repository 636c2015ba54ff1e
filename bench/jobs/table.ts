import type { TimeFigures, UseFigures } from './measure';

/** The figures of jobs and bare programs by turns, in seconds. */
export interface RoundFigures {
  /** pg_dump to one file, told nothing else, and a copy of it. */
  readonly file: { readonly dump: number; readonly copy: number; readonly bytes: number };
  /** pg_dump with the settings of the job. */
  readonly bareDump: number;
  readonly bareCopy: number;
  readonly bareRestore: number;
  readonly dump: TimeFigures;
  readonly verification: TimeFigures;
}

/** The figures of one size of database, all from one run. */
export interface SizeFigures {
  readonly database: number;
  readonly dumpBytes: number;
  readonly rounds: readonly RoundFigures[];
  /** What jobs have used, in runs of their own. */
  readonly used: Readonly<Record<'dump' | 'verification', UseFigures>>;
}

/** A way to dump, measured bare. */
export interface WayFigures {
  readonly compression: string;
  readonly jobs: number;
  readonly seconds: number;
  readonly bytes: number;
  /** What reading and uncompressing it took. */
  readonly readSeconds: number;
}

/** All figures as Markdown. */
export function tables(sizes: readonly SizeFigures[], ways: readonly WayFigures[]): string {
  return [
    '### Jobs against bare programs',
    '',
    ...markdown(
      [
        'database',
        'dump',
        'bare pg_dump to a file + copy s',
        'its dump',
        'bare pg_dump as the job + copy s',
        'dump job s',
        'ratio to a file',
        'ratio to as the job',
        'bare pg_restore s',
        'its pg_restore s',
        'ratio',
        'whole verification s',
      ],
      sizes.map(({ database, dumpBytes, rounds }) => {
        const seconds = (figure: (round: RoundFigures) => number, digits = 0): string =>
          median(rounds.map(figure)).toFixed(digits);
        return [
          size(database),
          size(dumpBytes),
          `${seconds(({ file }) => file.dump, 1)} + ${seconds(({ file }) => file.copy, 1)}`,
          size(rounds[0]?.file.bytes ?? 0),
          `${seconds(({ bareDump }) => bareDump, 1)} + ${seconds(({ bareCopy }) => bareCopy, 1)}`,
          seconds(({ dump }) => dump.seconds),
          seconds(({ dump, file }) => dump.seconds / (file.dump + file.copy), 2),
          seconds(({ dump, bareDump, bareCopy }) => dump.seconds / (bareDump + bareCopy), 2),
          seconds(({ bareRestore }) => bareRestore, 1),
          seconds(({ verification }) => restoreSeconds(verification)),
          seconds(({ verification, bareRestore }) => restoreSeconds(verification) / bareRestore, 2),
          seconds(({ verification }) => verification.seconds),
        ];
      }),
    ),
    '### Steps: time, and memory and disk against the manifests',
    '',
    ...markdown(
      ['database', 'job', 'step', 's', 'resident memory', 'limit', 'workspace', 'claim'],
      sizes.flatMap((one) => [...stepRows(one, 'dump'), ...stepRows(one, 'verification')]),
    ),
    '### Sealing',
    '',
    ...markdown(
      ['database', 'sealed', 's', 'MB/s'],
      sizes.map((one) => {
        const seconds = median(one.rounds.map(({ dump }) => dump.steps.seal ?? 0));
        return [size(one.database), size(one.dumpBytes), seconds.toFixed(0), rate(one.dumpBytes, seconds)];
      }),
    ),
    '### Ways to dump, bare',
    '',
    ...markdown(
      ['compression', 'jobs', 's', 'size', 'read back s', 'time against the first', 'size against the first'],
      ways.map(({ compression, jobs, seconds, bytes, readSeconds }) => [
        compression,
        String(jobs),
        seconds.toFixed(1),
        size(bytes),
        readSeconds.toFixed(1),
        (seconds / (ways[0]?.seconds ?? 1)).toFixed(2),
        (bytes / (ways[0]?.bytes ?? 1)).toFixed(2),
      ]),
    ),
  ].join('\n');
}

function stepRows({ database, rounds, used }: SizeFigures, job: 'dump' | 'verification'): string[][] {
  const { steps, disk, diskRequest } = used[job];
  return steps.map(({ name, memory, memoryLimit }) => [
    size(database),
    job,
    name,
    median(rounds.map((round) => round[job].steps[name] ?? 0)).toFixed(0),
    size(memory),
    size(memoryLimit),
    size(disk),
    size(diskRequest),
  ]);
}

/** The middle one of some figures, or the mean of the two in the middle. */
function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** What the verification says of its restore; the rest of its time are download, checks and report. */
function restoreSeconds({ log }: TimeFigures): number {
  return Number(/verify: restored in (\d+) s/.exec(log)?.[1]);
}

function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line), ''];
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}

function rate(bytes: number, seconds: number): string {
  return seconds === 0 ? 'too short' : (bytes / 1e6 / seconds).toFixed(0);
}
