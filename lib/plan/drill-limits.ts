import type { Duration } from 'cdk8s';
import { secondsOf } from '../config';
import type { Schedule } from '../schedule';
import type { Assumptions } from './assumptions';
import type { DrillPlan } from './drill-plan';
import type { AssetSummary, ProtectionSummary, RestoreEstimate, ScheduledRun } from './recovery-plan';
import { scheduledRun } from './scheduled-run';

/** Beside the steps of a drill: pulling images between them, and storing the report. */
const REPORT_SECONDS = 300;

/** A drill that is missed is missed until its next date, a week or a quarter away, so it may start late, in seconds. */
const START_DELAY = 3600;

/** Lists and reports only, in bytes. */
export const DRILL_WORKSPACE = 256 * 1024 ** 2;

/** Parts of an estimate that a drill measures; it cannot know how long people take to notice, or a control plane to come back. */
const MEASURED = ['measured', 'fetch', 'load', 'restore', 'volume', 'replay', 'validate'];

/** When a drill runs, and how long it may take. */
export function timesOf(
  schedule: Schedule,
  derived: boolean,
  seconds: number,
  assumptions: Assumptions,
): { readonly seconds: number; readonly run: ScheduledRun } {
  const patient = { ...assumptions, startDelay: Math.max(assumptions.startDelay, START_DELAY) };
  return { seconds, run: scheduledRun(schedule, derived, seconds + REPORT_SECONDS, patient) };
}

/** The objective of what is restored; a protection that is planned to take longer is not a failure each time that it does. */
export function limitsOf(
  asset: string,
  protection: string,
  given: Duration | undefined,
  assets: readonly AssetSummary[],
): Pick<DrillPlan, 'asset' | 'assumed' | 'planned' | 'rto' | 'limit'> {
  const restore = protectionOf(asset, protection, assets)?.restore;
  const rto = assets.find((candidate) => candidate.asset === asset)?.rto ?? 0;
  return {
    asset,
    rto,
    planned: restore?.total ?? 0,
    assumed: assumedParts(restore),
    limit: given === undefined ? Math.max(rto, restore?.total ?? 0) : secondsOf(given),
  };
}

/** A protection of an asset, by how its name begins. */
export function protectionOf(
  asset: string,
  protection: string,
  assets: readonly AssetSummary[],
): ProtectionSummary | undefined {
  const summary = assets.find((candidate) => candidate.asset === asset);
  return summary?.protections.find((candidate) => candidate.protection.startsWith(protection));
}

/** Seconds of a planned recovery that a drill takes too. */
export function measurable({ planned, assumed }: Pick<DrillPlan, 'planned' | 'assumed'>): number {
  return planned - assumed.reduce((sum, { seconds }) => sum + seconds, 0);
}

function assumedParts(restore: RestoreEstimate | undefined): DrillPlan['assumed'] {
  return (restore?.parts ?? []).filter(({ name }) => !MEASURED.includes(name));
}
