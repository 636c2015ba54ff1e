import type { DisasterRecoveryConfig, StoreProbeConfig } from '../config';
import { DEFAULTS, secondsOf } from '../config';
import type { Schedule } from '../schedule';
import { largestRegularSchedule } from '../schedule';
import { dialectOf } from '../storage';
import { resolveAssumptions } from './assumptions';
import type { ArchiveSignal, BackupSignal } from './monitoring-plan';
import { AssetKind } from './monitoring-plan';
import type { ProbedPrefix, ProbePlan } from './probe-plan';
import { StoredKind } from './probe-plan';
import { scheduledRun } from './scheduled-run';
import { assetLabels, backupLabels } from './signal-labels';

/** Tier of WAL, beside those of dumps. */
export const WAL_TIER = 'wal';

/** Part of the gap between two probes that one may start late, and that one may take. */
const LATE_PART = 5;
const RUN_PART = 2;

/** Part of its time that a probe leaves to the store for one answer. */
const ANSWER_PART = 2;

/** Resolves the probe of the store; none where it is not wanted, or nothing would be looked for. */
export function planProbe(
  { enabled, schedule }: StoreProbeConfig,
  config: DisasterRecoveryConfig,
  signals: readonly BackupSignal[],
  archives: readonly ArchiveSignal[],
): ProbePlan | undefined {
  const { cronJob, longestRun, longestAnswer } = DEFAULTS.monitoring.storeProbe;
  const prefixes = [...signals.map(ofTier), ...archives.map(ofArchive)];
  if (enabled === false || prefixes.length === 0) {
    return undefined;
  }
  const chosen = schedule ?? derivedSchedule(smallestObjective(signals, archives));
  const assumptions = resolveAssumptions(config.assumptions);
  const startDelay = Math.min(assumptions.startDelay, Math.floor(chosen.shortestGap() / LATE_PART));
  const deadline = Math.min(secondsOf(longestRun), Math.floor(chosen.shortestGap() / RUN_PART));
  const run = scheduledRun(chosen, schedule === undefined, deadline, { ...assumptions, startDelay });
  return {
    site: config.site,
    namespace: config.namespace,
    cronJob,
    store: dialectOf(config.storage).name,
    run,
    answerWithin: Math.min(secondsOf(longestAnswer), Math.floor(deadline / ANSWER_PART)),
    lag: run.longestGap + run.startDelay + run.deadline,
    prefixes,
    credentialExpires: config.storage.azure?.sasToken !== undefined,
    path: 'monitoring.storeProbe.schedule',
  };
}

/** Half of the smallest objective, within limits: a look that comes later says little of it, and each look costs requests. */
function derivedSchedule(smallest: number): Schedule {
  const { mostOften, leastOften } = DEFAULTS.monitoring.storeProbe;
  const wanted = Math.min(Math.max(smallest / 2, mostOften.longestGap()), leastOften.longestGap());
  return largestRegularSchedule(wanted) ?? mostOften;
}

function smallestObjective(signals: readonly BackupSignal[], archives: readonly ArchiveSignal[]): number {
  return Math.min(...signals.map(({ rpo, worstCaseLoss }) => rpo ?? worstCaseLoss), ...archives.map(({ rpo }) => rpo));
}

function ofTier(signal: BackupSignal): ProbedPrefix {
  return { kind: StoredKind.RUNS, prefix: signal.prefix, labels: backupLabels(signal) };
}

function ofArchive({ site, namespace, cluster, walPrefix }: ArchiveSignal): ProbedPrefix {
  const labels = assetLabels({ site, namespace, assetKind: AssetKind.DATABASE, asset: cluster });
  return { kind: StoredKind.WAL, prefix: walPrefix, labels: { ...labels, tier: WAL_TIER } };
}
