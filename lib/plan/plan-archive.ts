import type { DatabaseConfig } from '../config';
import { bytesOf, DEFAULTS, secondsOf } from '../config';
import { largestRegularSchedule, Schedule } from '../schedule';
import type { Assumptions } from './assumptions';
import type { ArchivePlan } from './recovery-plan';
import { scheduledRun } from './scheduled-run';

const DAY = 86400;

/** Base backups read the whole database; an RTO that needs them more often than hourly is reported as unmet instead. */
const MOST_FREQUENT_BASE = 3600;

/** Steps in which the archive timeout is derived. */
const TIMEOUT_STEP = 30;

/** Plans WAL archiving and base backups: the archive timeout bounds the loss, the base backups bound the replay. */
export function planArchive(database: DatabaseConfig, assumptions: Assumptions): ArchivePlan {
  const wal = database.walArchiving ?? {};
  const uploadAllowance = secondsOf(wal.uploadAllowance ?? DEFAULTS.database.walUploadAllowance);
  const rpo = secondsOf(database.objective.rpo);
  const archiveTimeout =
    wal.archiveTimeout === undefined ? archiveTimeoutFor(rpo, uploadAllowance) : secondsOf(wal.archiveTimeout);
  const schedule = database.baseBackups?.schedule;
  const generation = database.generation ?? DEFAULTS.database.generation;
  return {
    objectStoreName: `${database.name}-store`,
    serverName: serverName(database, generation),
    earlierServerNames: Array.from({ length: generation - 1 }, (_, index) => serverName(database, index + 1)),
    nextServerName: serverName(database, generation + 1),
    archiveTimeout,
    uploadAllowance,
    worstCaseLoss: archiveTimeout + uploadAllowance,
    changeRate: changeRate(database),
    walCompression: wal.compression ?? DEFAULTS.database.walCompression,
    maxParallel: wal.maxParallel ?? DEFAULTS.database.walMaxParallel,
    retentionDays: database.baseBackups?.retentionDays ?? DEFAULTS.database.recoveryWindowDays,
    baseBackupName: `${database.name}-base`,
    baseBackups: scheduledRun(
      schedule ?? baseBackupSchedule(database, assumptions),
      schedule === undefined,
      baseBackupSeconds(database, assumptions),
      assumptions,
    ),
  };
}

function serverName(database: DatabaseConfig, generation: number): string {
  return generation === 1 ? database.name : `${database.name}-${generation}`;
}

/** The largest archive timeout that leaves the upload its allowance within the objective. */
export function archiveTimeoutFor(rpo: number, uploadAllowance: number): number {
  const room = Math.floor((rpo - uploadAllowance) / TIMEOUT_STEP) * TIMEOUT_STEP;
  return Math.min(Math.max(room, TIMEOUT_STEP), secondsOf(DEFAULTS.database.longestArchiveTimeout));
}

/** WAL bytes written per second. */
export function changeRate(database: DatabaseConfig): number {
  const perDay = database.changePerDay === undefined ? bytesOf(database.size) / 2 : bytesOf(database.changePerDay);
  return perDay / DAY;
}

/** Seconds that replaying the WAL of so many seconds takes. */
export function replaySeconds(database: DatabaseConfig, seconds: number, assumptions: Assumptions): number {
  return (changeRate(database) * seconds) / assumptions.replayRate;
}

/** Seconds that downloading the whole database takes. */
export function fetchSeconds(database: DatabaseConfig, assumptions: Assumptions): number {
  return bytesOf(database.size) / assumptions.fetchRate;
}

/** A base backup reads and uploads everything; WAL of that time is replayed too. */
function baseBackupSeconds(database: DatabaseConfig, assumptions: Assumptions): number {
  return Math.ceil(fetchSeconds(database, assumptions) * 3);
}

/** The largest regular interval whose WAL can be replayed in what the RTO leaves after detection, download and validation. */
function baseBackupSchedule(database: DatabaseConfig, assumptions: Assumptions): Schedule {
  const spent = assumptions.detection + fetchSeconds(database, assumptions) + assumptions.validation;
  const replay = Math.max(0, secondsOf(database.objective.rto) - spent);
  const interval = (replay * assumptions.replayRate) / changeRate(database) - baseBackupSeconds(database, assumptions);
  return largestRegularSchedule(Math.max(interval, MOST_FREQUENT_BASE)) ?? Schedule.everyHours(1);
}
