import { withoutPassphrase } from '../faults/empty-passphrase';
import {
  all,
  killProcesses,
  losePods,
  once,
  TOO_LITTLE,
  unowned,
  withDeadline,
  withDisk,
  withMemory,
  working,
} from '../faults/run-faults';
import { pause } from '../machine/run';
import { type JobManifest, type Run, start, startChanged, withVariable } from '../support/jobs';
import type { SoakedJob } from './jobs';

/** What numbers are drawn for. */
export type Draw = (what: string) => number;

/** Something that happens to one run, while others go on. */
export interface RunFault {
  readonly name: string;
  /** Whether it can happen to a job. */
  readonly fits: (job: SoakedJob) => boolean;
  /** Starts a run and has it happen; `usual` is how many seconds a run of the job takes. */
  readonly inject: (job: SoakedJob, draw: Draw, usual: number) => Promise<Run[]>;
}

const always = (): boolean => true;

/** Everything that can happen to one run. */
export const RUN_FAULTS: readonly RunFault[] = [
  atRandomMoment('processes killed', killProcesses),
  atRandomMoment('pod lost with its node', losePods),
  changed('killed by its deadline', always, (_, draw, usual) => withDeadline(1 + Math.floor(draw('deadline') * usual))),
  changed('memory limit', always, ({ steps }, draw) => {
    const step = steps[Math.floor(draw('step') * steps.length)] ?? '';
    return all(withMemory(step, TOO_LITTLE), once);
  }),
  changed('disk full', always, (_, draw) => all(withDisk(`${4 * (1 + Math.floor(draw('disk') * 12))}Ki`), once)),
  changed('wrong key of the store', always, () =>
    all(withVariable('RCLONE_CONFIG_STORE_KEY', Buffer.alloc(64, 'x').toString('base64')), once),
  ),
  changed(
    'wrong password of the database',
    ({ cronJob, claims }) => claims === 'captured' && cronJob.startsWith('postgres'),
    () => all(withVariable('PGPASSWORD', 'not the password'), once),
  ),
  changed(
    'missing passphrase',
    ({ steps }) => steps.includes('seal') || steps.includes('unseal'),
    () => all(withoutPassphrase, once),
  ),
  {
    name: 'two runs at once',
    fits: always,
    inject: ({ namespace, cronJob }) => Promise.all([1, 2].map(() => startChanged(namespace, cronJob, unowned))),
  },
];

function atRandomMoment(name: string, end: (run: Run) => Promise<unknown>): RunFault {
  return {
    name,
    fits: always,
    inject: async ({ namespace, cronJob }, draw, usual) => {
      const run = await start(namespace, cronJob);
      await working(run);
      await pause(draw('moment') * usual);
      await end(run);
      return [run];
    },
  };
}

function changed(
  name: string,
  fits: RunFault['fits'],
  change: (job: SoakedJob, draw: Draw, usual: number) => (job: JobManifest) => void,
): RunFault {
  return {
    name,
    fits,
    inject: async (job, draw, usual) => [await startChanged(job.namespace, job.cronJob, change(job, draw, usual))],
  };
}
