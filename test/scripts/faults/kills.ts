import { type ChildProcess, spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { draw } from '../../support/draw';
import type { FakePushgateway } from '../pushgateway';
import { run, startGroup } from '../support';
import { durationOf, endGroup, untilRuns } from './group';
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

/** Kills of one step: how many, and in which of its phases; at any moment of it unless told. */
export interface Aim {
  readonly script: string;
  readonly kills: number;
  readonly phase?: string;
}

/** Runs all steps. */
async function runAll({ folder, steps }: Victim): Promise<void> {
  await nextSecond();
  for (const { script, env } of steps) {
    expectSuccess(run(folder, script, env));
  }
}

/** Runs the steps before one, so that this one can be started. */
async function runUpTo({ folder, steps, prepare }: Victim, script: string): Promise<void> {
  prepare?.();
  await nextSecond();
  const at = steps.findIndex((step) => step.script === script);
  for (const step of steps.slice(0, at)) {
    expectSuccess(run(folder, step.script, step.env));
  }
}

function startSlowly({ folder, steps, slow }: Victim, script: string): ChildProcess {
  return startGroup(folder, script, { ...steps.find((step) => step.script === script)?.env, ...slow });
}

/** How long what is aimed at takes when nobody kills it, in milliseconds. */
async function lengthOf(victim: Victim, { script, phase = '' }: Aim): Promise<number> {
  await runUpTo(victim, script);
  const child = startSlowly(victim, script);
  const length = await durationOf(child, victim.phases[phase]);
  expect(child.exitCode, script).toBe(0);
  endDaemons(victim.folder);
  return length;
}

/** Kills a step again and again at drawn moments; after each kill nothing is lost and the next run is good. Returns how many fell into each phase. */
export async function killAgainAndAgain(victim: Victim, aim: Aim): Promise<Record<string, number>> {
  const { script, kills, phase } = aim;
  // There is something good to lose from the first kill on.
  victim.prepare?.();
  await runAll(victim);
  let length = await lengthOf(victim, aim);
  const hits: Record<string, number> = {};
  let struck = 0;
  for (let attempt = 0; struck < kills; attempt += 1) {
    const far = `seed ${SEED}: ${kills} kills of ${script} ${phase ?? ''} mostly miss: ${JSON.stringify(hits)}`;
    expect(attempt, far).toBeLessThan(3 * kills + 5);
    const signal = draw(SEED, attempt, `signal of ${script}`) < 0.5 ? 'SIGKILL' : 'SIGTERM';
    const hit = await killOnce(victim, aim, Math.round(draw(SEED, attempt, script) * length), signal);
    if (hit !== undefined) {
      hits[hit] = (hits[hit] ?? 0) + 1;
    }
    if (hit === undefined || (phase ?? hit) !== hit) {
      // The machine is faster now than when the time was taken.
      length *= 0.8;
    } else {
      struck += 1;
    }
  }
  return hits;
}

/** Kills a step once, some time after it or its phase has begun, and returns the phase that it was in; nothing when it was over before. */
async function killOnce(
  victim: Victim,
  { script, phase = '' }: Aim,
  afterMs: number,
  signal: NodeJS.Signals,
): Promise<string | undefined> {
  const { folder, bucket, gateway, phases } = victim;
  const what = `seed ${SEED}: ${signal} to ${script} ${phase} after ${afterMs} ms`;
  await runUpTo(victim, script);
  const before = storedIn(bucket);
  const reported = await gateway.groups();
  const child = startSlowly(victim, script);
  const aimed = phases[phase];
  if (aimed !== undefined) {
    await untilRuns(child, aimed);
  }
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
  return Object.keys(phases).find((name) => commands.some((command) => phases[name]?.test(command))) ?? 'shell';
}

/** A container's daemons end with it, whatever group they are of; the agent of gpg would take the socket of the next one with it. */
function endDaemons(folder: string): void {
  spawnSync('pkill', ['-KILL', '-f', `^gpg-agent --homedir ${folder}/`]);
}

/** A pod takes longer than this to start; runs are called by the second of their capture. */
async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
}
