import type { DisasterRecoveryConfig } from '../../config';
import { BackupSelection, formatSeconds } from '../../config';
import { dialectOf } from '../../storage';
import type { Assumptions } from '../assumptions';
import { measurable } from '../drill-limits';
import type { DrillPlan, DrillsPlan } from '../drill-plan';
import { allDrills } from '../drill-plan';
import type { EtcdPlan } from '../etcd-plan';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import type { LifecyclePlan } from '../lifecycle-plan';
import { verifySeconds } from '../plan-dumps';
import type { DatabasePlan } from '../recovery-plan';

const DAY = 86400;

/** The drills of a site, with what they restore. */
export interface DrillsUnderCheck {
  readonly config: DisasterRecoveryConfig;
  readonly drills: DrillsPlan;
  readonly databases: readonly DatabasePlan[];
  readonly etcd?: EtcdPlan;
  readonly lifecycle?: LifecyclePlan;
  readonly assumptions: Assumptions;
}

/** A drill must be able to finish, to be over before the next one, and to read what it restores. */
export function checkDrills(check: DrillsUnderCheck): Finding[] {
  return [
    ...allDrills(check.drills).flatMap((drill) => [
      ...checkOverlap(drill),
      ...checkTime(drill, needsOf(drill, check)),
      ...checkLimit(drill),
    ]),
    ...checkReadable(check),
    ...checkWindow(check),
  ];
}

/** A run that is still going when the next is due makes the CronJob controller skip that one. */
function checkOverlap(drill: DrillPlan): Finding[] {
  const { run, path, title } = drill;
  const room = run.shortestGap - run.startDelay;
  if (run.deadline <= room) {
    return [];
  }
  return [
    {
      ...about(drill, `${path}.schedule`),
      rule: 'runs-overlap',
      actual: formatSeconds(run.shortestGap),
      limit: formatSeconds(run.startDelay + run.deadline),
      message: `a run of ${title} may start ${formatSeconds(run.startDelay)} late and take ${formatSeconds(run.deadline)}; the next one, due before, is then skipped (concurrencyPolicy Forbid)`,
      fix: `run it at most every ${formatSeconds(run.startDelay + run.deadline)}`,
    },
  ];
}

function checkTime(drill: DrillPlan, needs: number): Finding[] {
  if (needs <= drill.seconds) {
    return [];
  }
  return [
    {
      ...about(drill, `${drill.path}.deadline`),
      rule: 'run-too-long',
      actual: formatSeconds(drill.seconds),
      limit: formatSeconds(needs),
      message: `${drill.title} is estimated to take ${formatSeconds(needs)} and would be given up`,
      fix: `allow at least ${formatSeconds(needs)}, or raise the rates in assumptions if you have measured them`,
    },
  ];
}

/** A drill that is planned to fail says nothing when it does. */
function checkLimit(drill: DrillPlan): Finding[] {
  if (drill.planned <= drill.limit) {
    return [];
  }
  return [
    {
      ...about(drill, `${drill.path}.restoreWithin`),
      rule: 'drill-planned-to-fail',
      actual: formatSeconds(drill.limit),
      limit: formatSeconds(drill.planned),
      message: `a recovery of ${drill.asset} is planned to take ${formatSeconds(drill.planned)}, so that ${drill.title} would fail each time`,
      fix: `allow ${formatSeconds(drill.planned)}, or leave restoreWithin out`,
    },
  ];
}

/** A random dump may be an old one, and in some tiers of a store nothing can be read before it is brought back. */
function checkReadable({ config, drills, databases, lifecycle }: DrillsUnderCheck): Finding[] {
  const dialect = dialectOf(config.storage).lifecycle;
  return drills.restoreTests
    .filter(({ selection }) => selection === BackupSelection.RANDOM)
    .flatMap((drill) => {
      const tiers = databases.find(({ name }) => name === drill.database)?.dumps?.tiers ?? [];
      const offline = (lifecycle?.rules ?? []).find(
        ({ prefix, moves }) =>
          tiers.some((tier) => `${tier.prefix}/`.startsWith(prefix)) &&
          moves.some(({ tier }) => (dialect.tier(tier)?.rehydration ?? 0) > 0),
      );
      return offline === undefined
        ? []
        : [
            {
              ...about(drill, `${drill.path}.selection`),
              rule: 'drill-unreadable',
              actual: BackupSelection.RANDOM,
              limit: BackupSelection.LATEST,
              message: `rule ${offline.name} moves old dumps to a tier in which they cannot be read, where a random choice finds them`,
              fix: 'use BackupSelection.LATEST',
            },
          ];
    });
}

/** What is older than the recovery window may be deleted at any time. */
function checkWindow({ drills, databases }: DrillsUnderCheck): Finding[] {
  return drills.recoveries.flatMap((drill) => {
    const window = (databases.find(({ name }) => name === drill.database)?.archive.retentionDays ?? 0) * DAY;
    return drill.upTo === undefined || drill.upTo < window
      ? []
      : [
          {
            ...about(drill, `${drill.path}.upTo`),
            rule: 'drill-out-of-window',
            actual: formatSeconds(drill.upTo),
            limit: formatSeconds(window),
            message: `the archive of ${drill.asset} is kept for ${formatSeconds(window)}, so that the moment may be gone`,
            fix: `choose less than ${formatSeconds(window)}`,
          },
        ];
  });
}

function needsOf(drill: DrillPlan, { config, drills, etcd, assumptions }: DrillsUnderCheck): number {
  if (drill === drills.etcd) {
    return etcd?.runSeconds ?? 0;
  }
  if ([...drills.snapshots, ...drills.recoveries, ...drills.failovers].some((other) => other === drill)) {
    return measurable(drill);
  }
  const database = config.databases?.find(({ name }) => `database ${name}` === drill.asset);
  return database === undefined ? 0 : verifySeconds(database, assumptions);
}

function about({ asset }: DrillPlan, path: string): Pick<Finding, 'asset' | 'path' | 'severity'> {
  return { asset, path, severity: Severity.ERROR };
}
