import type { DatabasePlan, RecoveryPlan, VolumePlan } from '../../plan';
import type { Procedure } from '../procedure';
import { variable } from '../procedure';
import { restoreConfiguration } from './configuration';
import { RecoverAs, recoverDatabase } from './database';
import { TARGET_TIME } from './database-commands';
import { restoreDump } from './dump';
import { restoreEtcd } from './etcd';
import { fetchLostRows } from './lost-rows';
import { importVolume, restoreVolume } from './volume';

/** Every way back of one database. */
export interface DatabaseProcedures {
  readonly database: DatabasePlan;
  /** Nothing is left of the Cluster: the fastest first. */
  readonly ownName: readonly Procedure[];
  /** The Cluster is there, its data is not what it should be: the fastest first. */
  readonly beside: readonly Procedure[];
  readonly lostRows: Procedure;
  /** From a dump, where there are any. */
  readonly dump?: Procedure;
}

/** Every way back of one volume asset. */
export interface VolumeProcedures {
  readonly volume: VolumePlan;
  readonly restore: Procedure;
  readonly import: Procedure;
}

/** Every way back that a plan has. */
export interface Procedures {
  readonly databases: readonly DatabaseProcedures[];
  readonly volumes: readonly VolumeProcedures[];
  readonly etcd?: Procedure;
  readonly configuration?: Procedure;
}

/** Builds every procedure of a plan, with what a person must choose as shell variables. */
export function proceduresOf(plan: RecoveryPlan): Procedures {
  const { etcd, configuration } = plan;
  return {
    databases: plan.databases.map((database) => databaseProcedures(plan, database)),
    volumes: plan.volumes.map((volume) => ({
      volume,
      restore: restoreVolume(plan, volume),
      import: importVolume(plan, volume),
    })),
    ...(etcd === undefined ? {} : { etcd: restoreEtcd(plan, etcd) }),
    ...(configuration === undefined ? {} : { configuration: restoreConfiguration(plan, configuration) }),
  };
}

/** All of them in one list. */
export function everyProcedure({ databases, volumes, etcd, configuration }: Procedures): Procedure[] {
  return [
    ...databases.flatMap(({ ownName, beside, lostRows, dump }) => [
      ...ownName,
      ...beside,
      lostRows,
      ...(dump === undefined ? [] : [dump]),
    ]),
    ...volumes.flatMap((volume) => [volume.restore, volume.import]),
    ...(configuration === undefined ? [] : [configuration]),
    ...(etcd === undefined ? [] : [etcd]),
  ];
}

function databaseProcedures(plan: RecoveryPlan, database: DatabasePlan): DatabaseProcedures {
  const { dumps, snapshots } = database;
  const moment = { time: variable(TARGET_TIME.name) };
  const sources = [...(snapshots === undefined ? [] : [{ snapshotBackup: variable('BACKUP') }]), {}];
  return {
    database,
    ownName: sources.map((source) =>
      recoverDatabase(plan, database, { as: RecoverAs.OWN_NAME, target: {}, ...source }),
    ),
    beside: sources.map((source) =>
      recoverDatabase(plan, database, { as: RecoverAs.BESIDE, target: moment, ...source }),
    ),
    lostRows: fetchLostRows(plan, database),
    ...(dumps === undefined ? {} : { dump: restoreDump(plan, database, dumps) }),
  };
}
