import type { DatabaseConfig, DumpConfig, DumpTierConfig } from '../config';
import {
  bytesOf,
  DEFAULTS,
  dumpAccountName,
  dumpJobName,
  postgresTools,
  pruneJobName,
  secondsOf,
  verifyJobName,
} from '../config';
import type { Assumptions } from './assumptions';
import { fetchSeconds } from './plan-archive';
import { planPrune } from './plan-prune';
import type { DumpPlan, DumpTierPlan, VerificationPlan } from './recovery-plan';
import { beforeNextRun, scheduledRun, scheduleForLoss } from './scheduled-run';

const GIB = 1024 ** 3;
const MINUTE = 60;

/** Estimates are estimates: a run is killed only when it takes this many times as long. */
const DEADLINE_FACTOR = 3;
const SHORTEST_DUMP_DEADLINE = 10 * MINUTE;
const SHORTEST_VERIFY_DEADLINE = 15 * MINUTE;

/** Plans the dumps of a database; tiers whose schedule can neither be read nor derived are left out, with a problem reported elsewhere. */
export function planDumps(
  database: DatabaseConfig,
  dumps: DumpConfig,
  assumptions: Assumptions,
  immutable: number = 0,
): DumpPlan {
  const path = database.path ?? database.name;
  const majorVersion = database.majorVersion ?? DEFAULTS.database.majorVersion;
  const tiers = dumps.tiers.flatMap((tier, index) => planTier(database, tier, index, path, assumptions));
  const size = bytesOf(database.size);
  return {
    username: dumps.credentials.username ?? DEFAULTS.database.dumpUser,
    secretName: dumps.credentials.secretName,
    serviceAccountName: dumpAccountName(database, dumps),
    image: postgresTools(majorVersion, dumps.image).image,
    parallelJobs: dumps.parallelJobs ?? DEFAULTS.database.dumpJobs,
    // pg_dump 15 knows only gzip; zstd is both faster and smaller (PostgreSQL 16 release notes).
    compression: majorVersion >= 16 ? 'zstd:3' : '6',
    // Captured and sealed copies exist side by side; either may be as large as the data when it does not compress.
    workspaceBytes: 2 * size + GIB,
    ...(dumps.workspaceStorageClass === undefined ? {} : { workspaceStorageClass: dumps.workspaceStorageClass }),
    tiers,
    verification: planVerification(database, dumps, path, assumptions),
    prune: planPrune(pruneJobName(database, dumps), dumps.pruneSchedule, assumptions, immutable),
  };
}

/** Seconds that a dump run needs: reading the data, then uploading it. */
export function dumpSeconds(database: DatabaseConfig, assumptions: Assumptions): number {
  return bytesOf(database.size) / assumptions.dumpRate + fetchSeconds(database, assumptions);
}

/** Seconds that loading a dump needs. */
export function loadSeconds(database: DatabaseConfig, assumptions: Assumptions): number {
  return bytesOf(database.size) / assumptions.loadRate;
}

/** Seconds that a verification needs: download, load and checks. */
export function verifySeconds(database: DatabaseConfig, assumptions: Assumptions): number {
  return fetchSeconds(database, assumptions) + loadSeconds(database, assumptions) + assumptions.validation;
}

/** The deadline of a tier's runs, which must be over before the next run is due. */
export function tierDeadline(database: DatabaseConfig, tier: DumpTierConfig, assumptions: Assumptions): number {
  if (tier.deadline !== undefined) {
    return secondsOf(tier.deadline);
  }
  const wanted = Math.max(SHORTEST_DUMP_DEADLINE, wholeMinutes(dumpSeconds(database, assumptions) * DEADLINE_FACTOR));
  return tier.schedule === undefined ? wanted : beforeNextRun(wanted, tier.schedule, assumptions);
}

function planTier(
  database: DatabaseConfig,
  tier: DumpTierConfig,
  index: number,
  path: string,
  assumptions: Assumptions,
): DumpTierPlan[] {
  const deadline = tierDeadline(database, tier, assumptions);
  const rpo = tier.rpo === undefined ? undefined : secondsOf(tier.rpo);
  const schedule = tier.schedule ?? (rpo === undefined ? undefined : scheduleForLoss(rpo, deadline, assumptions));
  if (schedule === undefined) {
    return [];
  }
  return [
    {
      name: tier.name,
      index,
      jobName: dumpJobName(database, tier),
      prefix: `${path}/${tier.name}`,
      run: scheduledRun(schedule, tier.schedule === undefined, deadline, assumptions),
      keepSeconds: secondsOf(tier.retention.longest()),
      keepAtLeast: tier.retention.keepAtLeast,
    },
  ];
}

function planVerification(
  database: DatabaseConfig,
  dumps: DumpConfig,
  path: string,
  assumptions: Assumptions,
): VerificationPlan {
  const config = dumps.verification ?? {};
  const schedule = config.schedule ?? DEFAULTS.database.verifySchedule;
  const estimated = verifySeconds(database, assumptions);
  const wanted = Math.max(SHORTEST_VERIFY_DEADLINE, wholeMinutes(estimated * DEADLINE_FACTOR));
  const deadline =
    config.deadline === undefined ? beforeNextRun(wanted, schedule, assumptions) : secondsOf(config.deadline);
  return {
    jobName: verifyJobName(database, dumps),
    run: scheduledRun(schedule, config.schedule === undefined, deadline, assumptions),
    checks: config.checks ?? [],
    corruptionCheck: config.corruptionCheck ?? DEFAULTS.database.corruptionCheck,
    workspaceBytes: 4 * bytesOf(database.size) + 2 * GIB,
    reportPrefix: `reports/${path}/verification`,
  };
}

function wholeMinutes(seconds: number): number {
  return Math.ceil(seconds / MINUTE) * MINUTE;
}
