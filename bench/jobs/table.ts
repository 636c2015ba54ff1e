import type { RunFigures } from './measure';

/** The figures of one size of database, all from one run. */
export interface SizeFigures {
  readonly database: number;
  readonly dumpBytes: number;
  readonly bareDump: number;
  readonly bareCopy: number;
  readonly bareRestore: number;
  readonly dump: RunFigures;
  readonly verification: RunFigures;
}

/** A way to dump, measured bare. */
export interface WayFigures {
  readonly compression: string;
  readonly jobs: number;
  readonly seconds: number;
  readonly bytes: number;
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
        'bare pg_dump + copy s',
        'dump job s',
        'ratio',
        'bare pg_restore s',
        'its pg_restore s',
        'ratio',
        'whole verification s',
      ],
      sizes.map(({ database, dumpBytes, bareDump, bareCopy, bareRestore, dump, verification }) => {
        const bare = bareDump + bareCopy;
        const restore = restoreSeconds(verification);
        return [
          size(database),
          size(dumpBytes),
          `${bareDump.toFixed(1)} + ${bareCopy.toFixed(1)}`,
          dump.seconds.toFixed(0),
          (dump.seconds / bare).toFixed(2),
          bareRestore.toFixed(1),
          restore.toFixed(0),
          (restore / bareRestore).toFixed(2),
          verification.seconds.toFixed(0),
        ];
      }),
    ),
    '### Steps: time, and memory and disk against the manifests',
    '',
    ...markdown(
      ['database', 'job', 'step', 's', 'resident memory', 'limit', 'workspace', 'claim'],
      sizes.flatMap((one) => [...stepRows(one, 'dump', one.dump), ...stepRows(one, 'verification', one.verification)]),
    ),
    '### Sealing',
    '',
    ...markdown(
      ['database', 'sealed', 's', 'MB/s'],
      sizes.map((one) => {
        const seconds = one.dump.steps.find(({ name }) => name === 'seal')?.seconds ?? 0;
        return [size(one.database), size(one.dumpBytes), seconds.toFixed(0), rate(one.dumpBytes, seconds)];
      }),
    ),
    '### Ways to dump, bare',
    '',
    ...markdown(
      ['compression', 'jobs', 's', 'size', 'time against the first', 'size against the first'],
      ways.map(({ compression, jobs, seconds, bytes }) => [
        compression,
        String(jobs),
        seconds.toFixed(1),
        size(bytes),
        (seconds / (ways[0]?.seconds ?? 1)).toFixed(2),
        (bytes / (ways[0]?.bytes ?? 1)).toFixed(2),
      ]),
    ),
  ].join('\n');
}

function stepRows({ database }: SizeFigures, job: string, { steps, disk, diskRequest }: RunFigures): string[][] {
  return steps.map(({ name, seconds, memory, memoryLimit }) => [
    size(database),
    job,
    name,
    seconds.toFixed(0),
    size(memory),
    size(memoryLimit),
    size(disk),
    size(diskRequest),
  ]);
}

/** What the verification says of its restore; the rest of its time are download, checks and report. */
function restoreSeconds({ log }: RunFigures): number {
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
