import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** What a file in the folder of each process of a group holds, at one instant if the group is stopped. */
function read(group: number, file: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // The name of a process may hold anything, brackets too; state, parent and group follow it.
        const [state, , owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return Number(owner) === group && state !== 'Z' ? [readFileSync(`/proc/${pid}/${file}`, 'utf8')] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** Command lines of the processes of a group. */
function commandsIn(group: number): string[] {
  return read(group, 'cmdline').map((words) => words.replaceAll('\0', ' ').trim());
}

/** Memory of the processes of a group together, in KiB. */
function residentKiB(group: number): number {
  return read(group, 'status').reduce((sum, text) => sum + Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0), 0);
}

/** Waits until a process of a step has such a command line; not longer than the step goes on. */
export async function untilRuns(child: ChildProcess, command: RegExp): Promise<void> {
  while (goesOn(child) && !commandsIn(child.pid ?? 0).some((words) => command.test(words))) {
    await setTimeout(5);
  }
}

/** Waits for a step to end; returns how long it took in milliseconds, or how long such a command ran in it. */
export async function durationOf(child: ChildProcess, command?: RegExp): Promise<number> {
  const seen = [Date.now()];
  if (command !== undefined) {
    await untilRuns(child, command);
    seen[0] = Date.now();
  }
  while (goesOn(child)) {
    if (command === undefined || commandsIn(child.pid ?? 0).some((words) => command.test(words))) {
      seen[1] = Date.now();
    }
    await setTimeout(5);
  }
  const [first = 0, last = first] = seen;
  return last - first;
}

function goesOn(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/**
 * Ends all processes of a step after some time, and returns what ran at that instant; nothing when the step was over before.
 * SIGTERM is followed by SIGKILL after a while, as the kubelet does it.
 */
export async function endGroup(child: ChildProcess, afterMs: number, signal: NodeJS.Signals): Promise<string[]> {
  const group = child.pid ?? 0;
  const exited = once(child, 'exit');
  await Promise.race([setTimeout(afterMs), exited]);
  if (child.exitCode !== null || !send(group, 'SIGSTOP')) {
    return [];
  }
  // Stopping takes effect when each process next looks; none may go on while the others are looked at.
  await setTimeout(5);
  const commands = commandsIn(group);
  send(group, signal);
  send(group, 'SIGCONT');
  await Promise.race([exited, setTimeout(3000)]);
  send(group, 'SIGKILL');
  while (commandsIn(group).length > 0) {
    await setTimeout(5);
  }
  return commands;
}

function send(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** Waits for a step to end; returns what its processes had in memory together at most, in MiB. */
export async function peakMemory(child: ChildProcess): Promise<number> {
  let peak = 0;
  const closed = once(child, 'close');
  while (goesOn(child)) {
    peak = Math.max(peak, residentKiB(child.pid ?? 0));
    await Promise.race([closed, setTimeout(25)]);
  }
  await closed;
  return Math.ceil(peak / 1024);
}
