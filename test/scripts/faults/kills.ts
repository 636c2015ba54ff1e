import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { draw } from '../../support/draw';
import type { FakePushgateway } from '../pushgateway';
import { run, startGroup } from '../support';
import { endGroup } from './group';
import { expectNothingLost, expectSuccess, markersIn, storedIn } from './stored';

/** Repeats other points in time: each run of the tests uses the same ones unless it is told another seed. */
export const SEED = Number(process.env.CDK8S_DR_SEED ?? 1);

/** One container of a pod: its script, and what the manifests give it. */
export interface Step {
  readonly script: string;
  readonly env: Record<string, string>;
}

/** What is killed, and how it is judged. */
export interface Victim {
  /** Folder of the pod. */
  readonly folder: string;
  /** Containers of the pod in their order. */
  readonly steps: readonly Step[];
  /** What slows down the run that is killed, so that kills fall into work and not only between calls. */
  readonly slow?: Record<string, string>;
  /** Folder of the store. */
  readonly bucket: string;
  readonly gateway: FakePushgateway;
  /** Name of the phase that a process is of; the first that any process has counts. */
  readonly phases: Readonly<Record<string, RegExp>>;
  /** Before each run that is killed: something new to back up. */
  readonly prepare?: () => void;
  /** After each kill and each next run: what must hold beside what holds of every store. */
  readonly inspect?: () => void;
}

/** Kills of one step: how many, and between which parts of its time. */
export interface Aim {
  readonly script: string;
  readonly kills: number;
  readonly from?: number;
  readonly to?: number;
}

/** Runs all steps, with the times they take in milliseconds. */
export async function runAll({ folder, steps }: Victim, slow = {}): Promise<Record<string, number>> {
  await nextSecond();
  const times: Record<string, number> = {};
  for (const { script, env } of steps) {
    const begin = Date.now();
    expectSuccess(run(folder, script, { ...env, ...slow }));
    times[script] = Date.now() - begin;
  }
  return times;
}

/** Kills a step again and again at drawn moments; after each kill nothing is lost and the next run is good. Returns how many fell into each phase. */
export async function killAgainAndAgain(victim: Victim, aim: Aim): Promise<Record<string, number>> {
  victim.prepare?.();
  let { [aim.script]: length = 0 } = await runAll(victim, victim.slow);
  const hits: Record<string, number> = {};
  let struck = 0;
  for (let attempt = 0; struck < aim.kills; attempt += 1) {
    expect(attempt, `seed ${SEED}: kills of ${aim.script} mostly come too late`).toBeLessThan(3 * aim.kills + 5);
    const { from = 0, to = 1 } = aim;
    const part = from + (to - from) * draw(SEED, attempt, aim.script);
    const signal = draw(SEED, attempt, `signal of ${aim.script}`) < 0.5 ? 'SIGKILL' : 'SIGTERM';
    const phase = await killOnce(victim, aim.script, Math.round(part * length), signal);
    if (phase !== undefined) {
      struck += 1;
      hits[phase] = (hits[phase] ?? 0) + 1;
    } else {
      // The machine is faster now than when the time was taken.
      length *= 0.8;
    }
  }
  return hits;
}

/** Kills a step once, and returns the phase that it was in; nothing when it was over before. */
async function killOnce(
  victim: Victim,
  script: string,
  afterMs: number,
  signal: NodeJS.Signals,
): Promise<string | undefined> {
  const { folder, steps, bucket, gateway, phases } = victim;
  const what = `seed ${SEED}: ${signal} to ${script} after ${afterMs} ms`;
  victim.prepare?.();
  await nextSecond();
  const at = steps.findIndex((step) => step.script === script);
  for (const step of steps.slice(0, at)) {
    expectSuccess(run(folder, step.script, step.env));
  }
  const before = storedIn(bucket);
  const reported = await gateway.groups();
  const child = startGroup(folder, script, { ...steps[at]?.env, ...victim.slow });
  const commands = await endGroup(child, afterMs, signal);
  endDaemons(folder);
  if (commands.length === 0) {
    return undefined;
  }
  expect(child.exitCode, what).not.toBe(0);
  expectNothingLost(before, bucket);
  if (markersIn(storedIn(bucket)).length === markersIn(before).length) {
    expect(await gateway.groups(), what).toEqual(reported);
  }
  victim.inspect?.();
  await runAll(victim);
  victim.inspect?.();
  expectNothingLost(before, bucket);
  expect(markersIn(storedIn(bucket)).length, what).toBeGreaterThan(markersIn(before).length);
  return Object.keys(phases).find((phase) => commands.some((command) => phases[phase]?.test(command))) ?? 'shell';
}

/** A container's daemons end with it, whatever group they are of; the agent of gpg would take the socket of the next one with it. */
function endDaemons(folder: string): void {
  spawnSync('pkill', ['-KILL', '-f', `^gpg-agent --homedir ${folder}/`]);
}

/** A pod takes longer than this to start; runs are called by the second of their capture. */
async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
}
