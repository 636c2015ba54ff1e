import type { RecoveryPlan } from '../plan';
import type { DatabaseRestoreRequest, Procedure } from '../recovery';
import {
  RestoreError,
  restoreConfigurationFrom,
  restoreDatabaseFrom,
  restoreDumpFrom,
  restoreEtcdFrom,
  restoreVolumeFrom,
} from '../recovery';
import { loadPlan } from './plan-source';
import type { Asked, Options } from './restore-options';
import { list, readArguments, text } from './restore-options';
import type { Printed } from './restore-output';
import { printAll, printStep, printSteps } from './restore-output';
import { factsFromCluster, factsFromRecord } from './snapshot-facts';

/** A procedure, and the arguments that make the same one again. */
interface Made {
  readonly procedure: Procedure;
  readonly again: Asked;
}

/** Runs `restore` with its arguments, at a time. Throws `RestoreError`. */
export function restoreCommand(args: readonly string[], now: Date): Printed {
  const asked = readArguments(args);
  const { options } = asked;
  const path = text(options.plan);
  const site = text(options.site);
  const plan = loadPlan({
    fromCluster: options['from-cluster'] === true,
    ...(path === undefined ? {} : { path }),
    ...(site === undefined ? {} : { site }),
  });
  const { procedure, again } = make(plan, asked, now);
  if (options.runbook === true) {
    return printAll(procedure);
  }
  const step = text(options.step);
  return step === undefined ? printSteps(procedure, again) : printStep(procedure, step);
}

function make(plan: RecoveryPlan, asked: Asked, now: Date): Made {
  const { kind, name, options } = asked;
  const at = given('at', options.at);
  const as = (procedure: Procedure): Made => ({ procedure, again: asked });
  switch (kind) {
    case 'database':
      return as(restoreDatabaseFrom(plan, databaseRequest(name, options), now));
    case 'dump': {
      const request = { name, ...at, ...given('tier', options.tier), ...given('into', options.into) };
      return as(restoreDumpFrom(plan, request, now));
    }
    case 'volume':
      return makeVolume(plan, asked, now);
    case 'etcd':
      return as(restoreEtcdFrom(plan, text(options.at), now));
    default: {
      const namespaces = list(options.namespaces);
      const kinds = list(options.kinds);
      const request = {
        ...at,
        ...(namespaces === undefined ? {} : { namespaces }),
        ...(kinds === undefined ? {} : { kinds }),
        clusterScoped: options['cluster-scoped'] === true,
      };
      return as(restoreConfigurationFrom(plan, request, now));
    }
  }
}

/** The snapshot that was found is named when it is asked for again: there may be a newer one by then. */
function makeVolume(plan: RecoveryPlan, asked: Asked, now: Date): Made {
  const { name, options } = asked;
  const record = text(options.record);
  if (options.import === true && record === undefined) {
    throw new RestoreError('an import needs --record FILE: the record of the snapshot, from the store');
  }
  const facts =
    record === undefined
      ? factsFromCluster(plan, name, { snapshot: text(options.snapshot), at: text(options.at) }, now)
      : factsFromRecord(record, name);
  const { at: _, ...others } = options;
  const found = record === undefined ? { ...others, snapshot: facts.snapshot } : options;
  return {
    procedure: restoreVolumeFrom(plan, facts, options.import === true),
    again: { ...asked, options: found },
  };
}

function databaseRequest(name: string, options: Options): DatabaseRestoreRequest {
  const source = text(options.from) ?? 'object-store';
  if (!['object-store', 'snapshot'].includes(source)) {
    throw new RestoreError(`--from is "${source}"; it is object-store or snapshot`);
  }
  if ((source === 'snapshot') !== (options.backup !== undefined)) {
    throw new RestoreError(
      '--from snapshot and --backup NAME go together: kubectl get backups lists those of method volumeSnapshot',
    );
  }
  if (options.latest === true && (options.at ?? options.lsn ?? options.name) !== undefined) {
    throw new RestoreError('--latest goes with none of --at, --lsn and --name');
  }
  return {
    name,
    ...given('at', options.at),
    ...given('lsn', options.lsn),
    ...given('restorePoint', options.name),
    ...given('backupId', options['backup-id']),
    ...given('snapshotBackup', options.backup),
    ownName: options['own-name'] === true,
  };
}

function given<K extends string>(key: K, value: string | boolean | undefined): { readonly [key in K]?: string } {
  return typeof value === 'string' ? ({ [key]: value } as { [key in K]?: string }) : {};
}
