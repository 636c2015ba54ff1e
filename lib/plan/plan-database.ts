import type { DatabaseConfig } from '../config';
import { bytesOf, DEFAULTS, formatSeconds, postgresOperand, secondsOf } from '../config';
import type { Assumptions } from './assumptions';
import { archiveTimeoutFor, fetchSeconds, planArchive, replaySeconds } from './plan-archive';
import { loadSeconds, planDumps } from './plan-dumps';
import type { AssetSummary, ClusterPlan, DatabasePlan, ProtectionSummary } from './recovery-plan';
import { estimate, measuredOr } from './restore-estimate';
import { nearestSchedule, scheduledRun } from './scheduled-run';

/** Resolves one database: every name, number and prefix that its manifests share. */
export function planDatabase(
  database: DatabaseConfig,
  namespace: string,
  assumptions: Assumptions,
  immutable: number = 0,
): DatabasePlan {
  const { snapshots, dumps } = database;
  return {
    name: database.name,
    namespace: database.namespace ?? namespace,
    database: database.database,
    owner: database.owner ?? DEFAULTS.database.owner,
    majorVersion: database.majorVersion ?? DEFAULTS.database.majorVersion,
    sizeBytes: bytesOf(database.size),
    path: database.path ?? database.name,
    cluster: planCluster(database),
    archive: planArchive(database, assumptions),
    ...(snapshots === undefined
      ? {}
      : {
          snapshots: {
            name: `${database.name}-snapshot`,
            className: snapshots.className,
            run: scheduledRun(snapshots.schedule, false, secondsOf(DEFAULTS.database.snapshotDeadline), assumptions),
          },
        }),
    ...(dumps === undefined ? {} : { dumps: planDumps(database, dumps, assumptions, immutable) }),
  };
}

/** What each protection of a database guarantees; the objective is met when one of them meets both halves. */
export function summarizeDatabase(
  database: DatabaseConfig,
  plan: DatabasePlan,
  path: string,
  assumptions: Assumptions,
): AssetSummary {
  return {
    asset: `database ${plan.name}`,
    path,
    rpo: secondsOf(database.objective.rpo),
    rto: secondsOf(database.objective.rto),
    protections: [
      ...archiveSummaries(database, plan, path, assumptions),
      ...dumpSummaries(database, plan, path, assumptions),
    ],
  };
}

function planCluster(database: DatabaseConfig): ClusterPlan {
  const { cluster } = database;
  const storageBytes = bytesOf(cluster.storage);
  const smallestWal = bytesOf(DEFAULTS.database.smallestWalStorage);
  return {
    instances: cluster.instances ?? DEFAULTS.database.instances,
    image: cluster.image ?? postgresOperand(database.majorVersion ?? DEFAULTS.database.majorVersion),
    storageBytes,
    walStorageBytes:
      cluster.walStorage === undefined ? Math.max(smallestWal, storageBytes / 10) : bytesOf(cluster.walStorage),
    ...(cluster.storageClass === undefined ? {} : { storageClass: cluster.storageClass }),
    synchronousStandbys: cluster.synchronousStandbys ?? DEFAULTS.database.synchronousStandbys,
    parameters: Object.fromEntries((cluster.parameters ?? []).map(({ name, value }) => [name, value])),
    requireSeparateNodes: cluster.requireSeparateNodes ?? DEFAULTS.database.requireSeparateNodes,
    cpuRequest: cluster.cpuRequest ?? DEFAULTS.database.cpuRequest,
    memory: cluster.memory ?? DEFAULTS.database.memory,
  };
}

function archiveSummaries(
  database: DatabaseConfig,
  plan: DatabasePlan,
  path: string,
  assumptions: Assumptions,
): ProtectionSummary[] {
  const { archive } = plan;
  const base = archive.baseBackups;
  const wanted = archiveTimeoutFor(secondsOf(database.objective.rpo), archive.uploadAllowance);
  const common = {
    path: `${path}.walArchiving.archiveTimeout`,
    worstCaseLoss: archive.worstCaseLoss,
    nearest: nearestTimeout(database, wanted, archive.uploadAllowance),
    retention: `${archive.retentionDays}d window`,
  };
  const replayFromBase = replaySeconds(database, base.longestGap + base.deadline, assumptions);
  const fromBase: ProtectionSummary = {
    ...common,
    protection: 'WAL archive + base backup',
    schedule: `archive_timeout ${formatSeconds(archive.archiveTimeout)}, base ${base.description}`,
    restore: measuredOr(
      database.measuredRestore,
      [
        { name: 'fetch', seconds: fetchSeconds(database, assumptions) },
        { name: 'replay', seconds: replayFromBase },
      ],
      assumptions,
    ),
  };
  if (plan.snapshots === undefined) {
    return [fromBase];
  }
  const { run } = plan.snapshots;
  const fromSnapshot: ProtectionSummary = {
    ...common,
    protection: 'WAL archive + snapshot',
    schedule: `archive_timeout ${formatSeconds(archive.archiveTimeout)}, snapshot ${run.description}`,
    restore: estimate(
      [
        { name: 'volume', seconds: assumptions.snapshotRestore },
        { name: 'replay', seconds: replaySeconds(database, run.longestGap + run.deadline, assumptions) },
      ],
      assumptions,
    ),
    retention: `${archive.retentionDays}d window; snapshots are not pruned`,
  };
  return [fromBase, fromSnapshot];
}

function nearestTimeout(database: DatabaseConfig, wanted: number, allowance: number): string {
  return wanted + allowance <= secondsOf(database.objective.rpo)
    ? `set archiveTimeout to ${formatSeconds(wanted)}, or leave it out to have it derived`
    : `no archive timeout meets it: the upload alone may take ${formatSeconds(allowance)}; the smallest objective is ${formatSeconds(wanted + allowance)}`;
}

function dumpSummaries(
  database: DatabaseConfig,
  plan: DatabasePlan,
  path: string,
  assumptions: Assumptions,
): ProtectionSummary[] {
  const restore = measuredOr(
    database.dumps?.measuredRestore,
    [
      { name: 'fetch', seconds: fetchSeconds(database, assumptions) },
      { name: 'load', seconds: loadSeconds(database, assumptions) },
    ],
    assumptions,
  );
  return (plan.dumps?.tiers ?? []).map((tier) => {
    const index = (database.dumps?.tiers ?? []).findIndex(({ name }) => name === tier.name);
    return {
      protection: `dump ${tier.name}`,
      path: `${path}.dumps.tiers[${index}].schedule`,
      schedule: tier.run.description,
      worstCaseLoss: tier.run.worstCaseLoss,
      nearest: nearestSchedule(secondsOf(database.objective.rpo), tier.run.deadline, assumptions),
      restore,
      retention: `${formatSeconds(tier.keepSeconds)}, at least ${tier.keepAtLeast}`,
    };
  });
}
