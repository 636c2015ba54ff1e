import type { DatabasePlan, RecoveryPlan, VolumePlan } from '../plan';
import type { Values } from './fill-in';
import { fillIn, missingParameters, valueProblems } from './fill-in';
import { MomentError, readMoment, requireWithin, rfc3339, runIdOf } from './moment';
import type { Procedure } from './procedure';
import { restoreConfiguration } from './procedures/configuration';
import type { DatabaseRecovery } from './procedures/database';
import { RecoverAs, recoverDatabase } from './procedures/database';
import { restoreDump } from './procedures/dump';
import { restoreEtcd } from './procedures/etcd';
import { newestRun, RUN } from './procedures/store';
import { importVolume, restoreVolume } from './procedures/volume';

const DAY = 86400;

/** Why a restore cannot be made as asked for; every reason at once, each with what would work. */
export class RestoreError extends Error {}

/** Which database is recovered, and how. At most one of `at`, `lsn` and `restorePoint`; none means everything that was archived. */
export interface DatabaseRestoreRequest {
  /** Name of the database in the plan. */
  readonly name: string;
  /**
   * RFC 3339, or `2024-01-15 14:30:00` in UTC.
   * @default - not up to a time
   */
  readonly at?: string;
  /**
   * Position in the log, e.g. `0/3000000`.
   * @default - not up to a position
   */
  readonly lsn?: string;
  /**
   * Name of a restore point, together with `backupId`.
   * @default - not up to a restore point
   */
  readonly restorePoint?: string;
  /**
   * Id of the base backup to begin with, e.g. `20240115T020000`.
   * @default - the newest before the target
   */
  readonly backupId?: string;
  /**
   * Backup by volume snapshot to begin with.
   * @default - a base backup in the object store
   */
  readonly snapshotBackup?: string;
  /**
   * Whether the Cluster comes back under its own name, because nothing is left of the old one.
   * @default false
   */
  readonly ownName?: boolean;
}

/** The recovery of a database. Throws `RestoreError`. */
export function restoreDatabaseFrom(plan: RecoveryPlan, request: DatabaseRestoreRequest, now: Date): Procedure {
  const database = find(plan.databases, request.name, 'database');
  const targets = [request.at, request.lsn, request.restorePoint].filter((target) => target !== undefined);
  if (targets.length > 1) {
    throw new RestoreError('give one of a time, a position in the log and a restore point, or none');
  }
  if ((request.restorePoint === undefined) !== (request.backupId === undefined)) {
    throw new RestoreError('a restore point needs the id of the base backup to begin with, and the other way round');
  }
  if (request.lsn !== undefined && !/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(request.lsn)) {
    throw new RestoreError(`"${request.lsn}" is no position in the log; it looks like 0/3000000`);
  }
  if (request.snapshotBackup !== undefined && database.snapshots === undefined) {
    throw new RestoreError(`database ${database.name} has no volume snapshots in the plan; leave the snapshot out`);
  }
  const recovery: DatabaseRecovery = {
    as: request.ownName === true ? RecoverAs.OWN_NAME : RecoverAs.BESIDE,
    target: targetOf(database, request, now),
    ...(request.snapshotBackup === undefined ? {} : { snapshotBackup: request.snapshotBackup }),
  };
  return recoverDatabase(plan, database, recovery);
}

/** The restore of a dump into the running server. Throws `RestoreError`. */
export function restoreDumpFrom(
  plan: RecoveryPlan,
  name: string,
  tier: string | undefined,
  at: string | undefined,
  now: Date,
): Procedure {
  const database = find(plan.databases, name, 'database');
  const { dumps } = database;
  if (dumps === undefined) {
    throw new RestoreError(`database ${name} has no dumps in the plan`);
  }
  const tiers = dumps.tiers.filter((candidate) => tier === undefined || candidate.name === tier);
  if (tiers.length === 0) {
    throw new RestoreError(
      `there is no tier ${tier}; there are ${dumps.tiers.map((candidate) => candidate.name).join(', ')}`,
    );
  }
  const kept = Math.max(...tiers.map(({ keepSeconds }) => keepSeconds));
  const notAfter = at === undefined ? '' : runIdOf(moment(at, now, kept, `the dumps of ${name}`));
  return fill(restoreDump(plan, database, { ...dumps, tiers }), { NOT_AFTER: notAfter });
}

/** What a snapshot and its claim are, from the record in the store or from the cluster. */
export interface SnapshotFacts {
  readonly snapshot: string;
  readonly claim: string;
  readonly size: string;
  readonly storageClass: string;
  readonly accessMode: string;
  readonly volumeMode: string;
  /**
   * CSI driver, which an import needs.
   * @default - not known, and not needed
   */
  readonly driver?: string;
  /**
   * The provider's name of the snapshot, which an import needs.
   * @default - not known, and not needed
   */
  readonly handle?: string;
}

/** The restore of a claim from a snapshot, or its import into a cluster that never saw it. Throws `RestoreError`. */
export function restoreVolumeFrom(plan: RecoveryPlan, facts: SnapshotFacts, imported: boolean): Procedure {
  const volume = volumeOf(plan, facts.claim);
  const values = {
    CLAIM: facts.claim,
    SNAPSHOT: facts.snapshot,
    SIZE: facts.size,
    STORAGE_CLASS: facts.storageClass,
    ACCESS_MODE: facts.accessMode,
    VOLUME_MODE: facts.volumeMode,
  };
  if (!imported) {
    return fill(restoreVolume(plan, volume), values);
  }
  if (facts.driver === undefined || facts.handle === undefined) {
    throw new RestoreError('an import needs the record of the snapshot, which has its driver and handle');
  }
  return fill(importVolume(plan, volume), { ...values, DRIVER: facts.driver, HANDLE: facts.handle });
}

/** The restore of etcd. Throws `RestoreError`. */
export function restoreEtcdFrom(plan: RecoveryPlan, at: string | undefined, now: Date): Procedure {
  const { etcd } = plan;
  if (etcd === undefined) {
    throw new RestoreError('the plan does not protect etcd');
  }
  const procedure = restoreEtcd(plan, etcd);
  if (at === undefined) {
    return procedure;
  }
  // The stream keeps its snapshots for too short a time to look for one in it.
  const run = moment(at, now, etcd.keepSeconds, 'the scheduled snapshots of etcd');
  const filled = etcd.stream === undefined ? procedure : fill(procedure, { TIER: etcd.tier });
  return atRun(filled, newestRun(plan, etcd.prefix, runIdOf(run)));
}

/** The ordered apply of exported objects. Throws `RestoreError`. */
export function restoreConfigurationFrom(
  plan: RecoveryPlan,
  at: string | undefined,
  namespace: string | undefined,
  now: Date,
): Procedure {
  const { configuration } = plan;
  if (configuration === undefined) {
    throw new RestoreError('the plan does not export cluster objects');
  }
  const procedure = fill(
    restoreConfiguration(plan, configuration),
    namespace === undefined ? {} : { NAMESPACE: namespace },
  );
  if (at === undefined) {
    return procedure;
  }
  const run = moment(at, now, configuration.keepSeconds, 'the exports');
  return atRun(procedure, newestRun(plan, configuration.prefix, runIdOf(run)));
}

/** The objects that a restore begins with. Throws `RestoreError` when something in them is not known yet. */
export function firstManifests(procedure: Procedure): readonly object[] {
  const missing = missingParameters(procedure);
  if (missing.length > 0) {
    throw new RestoreError(`not known yet: ${missing.map(({ meaning }) => meaning).join('; ')}`);
  }
  return procedure.steps.find(({ manifests }) => manifests !== undefined)?.manifests ?? [];
}

/** A procedure that looks for its run itself, instead of asking for one. */
function atRun(procedure: Procedure, command: string): Procedure {
  return {
    ...procedure,
    look: [procedure.look ?? '', command].join('\n').trim(),
    parameters: procedure.parameters.filter(({ name }) => name !== RUN.name),
  };
}

function targetOf(
  database: DatabasePlan,
  { at, lsn, restorePoint, backupId }: DatabaseRestoreRequest,
  now: Date,
): DatabaseRecovery['target'] {
  if (at !== undefined) {
    return {
      time: rfc3339(moment(at, now, database.archive.retentionDays * DAY, `the recovery window of ${database.name}`)),
    };
  }
  if (lsn !== undefined) {
    return { lsn };
  }
  return restorePoint === undefined || backupId === undefined ? {} : { restorePoint: { name: restorePoint, backupId } };
}

function moment(text: string, now: Date, keptSeconds: number, what: string): Date {
  try {
    const read = readMoment(text);
    requireWithin(read, now, keptSeconds, what);
    return read;
  } catch (error) {
    throw error instanceof MomentError ? new RestoreError(error.message) : error;
  }
}

function fill(procedure: Procedure, values: Values): Procedure {
  const problems = valueProblems(procedure, values);
  if (problems.length > 0) {
    throw new RestoreError(problems.join('\n'));
  }
  return fillIn(procedure, values);
}

function find<T extends { readonly name: string }>(list: readonly T[], name: string, kind: string): T {
  const found = list.find((candidate) => candidate.name === name);
  if (found === undefined) {
    const known = list.map((candidate) => candidate.name).join(', ');
    throw new RestoreError(`the plan has no ${kind} ${name}; it has ${known === '' ? 'none' : known}`);
  }
  return found;
}

function volumeOf({ volumes }: RecoveryPlan, claim: string): VolumePlan {
  const found =
    volumes.find(({ claims }) => claims.includes(claim)) ?? volumes.find(({ claimSelector }) => claimSelector !== '');
  if (found === undefined) {
    const known = volumes.flatMap(({ claims }) => claims).join(', ');
    throw new RestoreError(
      `no volume asset of the plan has claim ${claim}; protected are ${known === '' ? 'none' : known}`,
    );
  }
  return found;
}
