import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGES } from '../images';
import { attempt, until } from '../machine/run';
import { CGROUP, cgroupHierarchies } from '../machine/sandbox';
import { type JobManifest, podsOf, type Run, stepsOf } from '../support/jobs';
import { kubectl } from '../support/kubectl';

/** Command of the process that holds a pod's namespaces; without it the kubelet leaves a pod that is between two steps Pending. */
const SANDBOX = IMAGES.pause.config.Entrypoint.join(' ');

/** Ends every process of a run's pods at once, as a crash does; the kubelet sees what is left. */
export async function killProcesses(run: Run): Promise<void> {
  for (const { metadata } of await podsOf(run)) {
    for (const pid of await processesOf(metadata.uid)) {
      // It may have ended by itself meanwhile.
      try {
        process.kill(pid, 'SIGKILL');
      } catch {}
    }
  }
}

/** Removes a run's pods without a word to them, as the loss of their node does. */
export async function losePods({ namespace, job }: Run): Promise<void> {
  await kubectl(['delete', 'pods', '-n', namespace, '-l', `job-name=${job}`, '--grace-period=0', '--force']);
}

/** Waits until a container of a run's first pod is at work. */
export async function working(run: Run): Promise<void> {
  await until(`begin of ${run.job}`, 120, async () => {
    const [pod] = await podsOf(run);
    const { phase = 'none', initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {};
    const begun = [...initContainerStatuses, ...containerStatuses].some(
      ({ state }) => state.running !== undefined || state.terminated !== undefined,
    );
    return begun ? '' : String(phase);
  });
}

/** A run may take so long and no longer. */
export function withDeadline(seconds: number): (job: JobManifest) => void {
  return (job) => {
    job.spec.activeDeadlineSeconds = seconds;
  };
}

/** Memory that no program of an image gets along with; a dump of the sample data needs less than 10 MiB. */
export const TOO_LITTLE = '4Mi';

/** A step may have so much memory and no more. */
export function withMemory(step: string, limit: string): (job: JobManifest) => void {
  return (job) => {
    const resources = stepsOf(job).find(({ name }) => name === step)?.resources;
    if (resources === undefined) {
      throw new Error(`this run has no step ${step}`);
    }
    resources.limits = { ...resources.limits, memory: limit };
    resources.requests = { ...resources.requests, memory: limit };
  };
}

/** The disk that the steps share holds so much and no more. */
export function withDisk(size: string): (job: JobManifest) => void {
  return ({ spec }) => {
    const { volumes = [] } = spec.template.spec;
    const index = volumes.findIndex(({ name }) => name === 'work');
    if (index < 0) {
      throw new Error('this run has no workspace');
    }
    // In memory, since the kubelet evicts from another kind only when it next looks.
    volumes[index] = { name: 'work', emptyDir: { medium: 'Memory', sizeLimit: size } };
  };
}

/** Runs the script that is its $0 with a pg_dump that cuts the largest file of a dump in half once it is written. */
const CUTTING = `mkdir "$WORK_DIR/bin"
cat >"$WORK_DIR/bin/pg_dump" <<END
#!/bin/sh
$(command -v pg_dump) "\\$@" || exit
[ "\\$1" != --version ] || exit 0
largest=\\$(ls -S "$WORK_DIR"/capture/database/*.dat* | head -n 1)
head -c \\$((\\$(stat -c %s "\\$largest") / 2)) "\\$largest" >"\\$largest.half"
mv "\\$largest.half" "\\$largest"
END
chmod +x "$WORK_DIR/bin/pg_dump"
PATH=$WORK_DIR/bin:$PATH exec /bin/sh "$0"`;

/** A dump loses half of its largest table once it is written, as it may on a disk that lies. */
export function withDumpCutOff(job: JobManifest): void {
  const capture = stepsOf(job).find(({ name }) => name === 'capture');
  if (capture?.command === undefined) {
    throw new Error('this run has no command that captures');
  }
  capture.command = ['/bin/sh', '-c', CUTTING, ...capture.command.slice(1)];
}

/** A run is not tried again. */
export function once(job: JobManifest): void {
  job.spec.backoffLimit = 0;
}

/** A run that its CronJob does not own: of those that it owns it keeps one that has succeeded, and removes the others at once. */
export function unowned(job: JobManifest): void {
  job.metadata.ownerReferences = undefined;
}

/** Several changes one after another. */
export function all(...changes: readonly ((job: JobManifest) => void)[]): (job: JobManifest) => void {
  return (job) => {
    for (const change of changes) {
      change(job);
    }
  };
}

/** Processes of a pod but for the one that holds its namespaces. */
async function processesOf(uid: string): Promise<number[]> {
  const found = new Set<number>();
  for (const hierarchy of await cgroupHierarchies()) {
    // Groups go while they are looked for, as those of a step that has just ended.
    const groups = ['-path', `*/pod${uid}/*`, '-name', 'cgroup.procs', '-exec', 'cat', '{}', '+'];
    const { out } = await attempt(['find', join(hierarchy, CGROUP), ...groups]);
    for (const pid of out.split('\n').filter(Boolean).map(Number)) {
      if (commandOf(pid) !== SANDBOX) {
        found.add(pid);
      }
    }
  }
  return [...found];
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).join(' ');
  } catch {
    return '';
  }
}
