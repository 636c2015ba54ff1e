import type { DatabaseConfig } from '../../config';
import { bytesOf, formatBytes, formatSeconds, secondsOf } from '../../config';
import type { Assumptions } from '../assumptions';
import type { Finding } from '../finding';
import { Severity } from '../finding';
import { dumpSeconds, tierDeadline, verifySeconds } from '../plan-dumps';
import type { DatabasePlan } from '../recovery-plan';
import { nearestSchedule, scheduleForLoss } from '../scheduled-run';
import { checkDeadline } from './runs';

const DAY = 86400;

/** One database, its config and plan, as every check below sees it. */
export interface DatabaseUnderCheck {
  readonly config: DatabaseConfig;
  readonly plan: DatabasePlan;
  readonly path: string;
  readonly assumptions: Assumptions;
}

/** A tier with an objective of its own must meet it. */
export function checkTierObjectives({ config, plan, path, assumptions }: DatabaseUnderCheck): Finding[] {
  return (config.dumps?.tiers ?? []).flatMap((tier, index) => {
    if (tier.rpo === undefined) {
      return [];
    }
    const rpo = secondsOf(tier.rpo);
    const planned = plan.dumps?.tiers.find(({ name }) => name === tier.name);
    if (planned !== undefined && planned.run.worstCaseLoss <= rpo) {
      return [];
    }
    const deadline = tierDeadline(config, tier, assumptions);
    const actual = planned === undefined ? 'no regular schedule' : formatSeconds(planned.run.worstCaseLoss);
    return [
      {
        ...about(plan, `${path}.dumps.tiers[${index}].${planned === undefined ? 'rpo' : 'schedule'}`),
        rule: 'tier-rpo-unmet',
        actual,
        limit: formatSeconds(rpo),
        message: `tier ${tier.name} loses up to ${actual} at worst; its RPO is ${formatSeconds(rpo)}`,
        fix: nearestSchedule(rpo, deadline, assumptions),
      },
    ];
  });
}

/** A bad chain must be noticed, and mended, before the last good copy expires. */
export function checkDetectionBeforeExpiry({ config, plan, path, assumptions }: DatabaseUnderCheck): Finding[] {
  const verification = plan.dumps?.verification;
  if (verification === undefined) {
    return [];
  }
  const { run } = verification;
  const noticed = run.longestGap + run.startDelay + run.deadline + assumptions.reaction;
  return (plan.dumps?.tiers ?? []).flatMap((tier) => {
    if (noticed < tier.keepSeconds) {
      return [];
    }
    const index = (config.dumps?.tiers ?? []).findIndex(({ name }) => name === tier.name);
    const schedule = scheduleForLoss(tier.keepSeconds - assumptions.reaction - 1, run.deadline, {
      ...assumptions,
      toleratedFailedRuns: 0,
    });
    const days = Math.floor(noticed / DAY) + 1;
    const sooner = schedule === undefined ? '' : `, or verify ${schedule.describe()}`;
    return [
      {
        ...about(plan, `${path}.dumps.tiers[${index}].retention`),
        rule: 'detection-after-expiry',
        actual: formatSeconds(tier.keepSeconds),
        limit: `more than ${formatSeconds(noticed)}`,
        message: `tier ${tier.name} is kept ${formatSeconds(tier.keepSeconds)}, but a bad dump is noticed and mended only after ${formatSeconds(noticed)} (verification ${run.description}, reaction ${formatSeconds(assumptions.reaction)})`,
        fix: `use Retention.days(${days})${sooner}`,
      },
    ];
  });
}

/** A run that is still going when the next is due makes the CronJob controller skip that one. */
export function checkRunsDoNotOverlap({ config, plan, path, assumptions }: DatabaseUnderCheck): Finding[] {
  const tiers = (plan.dumps?.tiers ?? []).map((tier) => {
    const index = (config.dumps?.tiers ?? []).findIndex(({ name }) => name === tier.name);
    return {
      path: `${path}.dumps.tiers[${index}].deadline`,
      run: tier.run,
      needs: dumpSeconds(config, assumptions),
      what: `tier ${tier.name}`,
    };
  });
  const verification = plan.dumps?.verification;
  const verify =
    verification === undefined
      ? []
      : [
          {
            path: `${path}.dumps.verification.deadline`,
            run: verification.run,
            needs: verifySeconds(config, assumptions),
            what: 'verification',
          },
        ];
  return [...tiers, ...verify].flatMap((job) => checkDeadline({ asset: `database ${plan.name}`, ...job }));
}

/** The recovery window must hold at least one whole interval between base backups. */
export function checkRecoveryWindow({ plan, path }: DatabaseUnderCheck): Finding[] {
  const { baseBackups, retentionDays } = plan.archive;
  if (baseBackups.longestGap < retentionDays * DAY) {
    return [];
  }
  return [
    {
      ...about(plan, `${path}.baseBackups.retentionDays`),
      rule: 'recovery-window-too-short',
      actual: `${retentionDays}d`,
      limit: `more than ${formatSeconds(baseBackups.longestGap)}`,
      message: `base backups are up to ${formatSeconds(baseBackups.longestGap)} apart, longer than the recovery window`,
      fix: `use ${Math.floor(baseBackups.longestGap / DAY) + 1} days, or take base backups more often`,
    },
  ];
}

/** The data must fit the volume. */
export function checkStorageFits({ config, plan, path }: DatabaseUnderCheck): Finding[] {
  if (plan.sizeBytes <= plan.cluster.storageBytes) {
    return [];
  }
  return [
    {
      ...about(plan, `${path}.cluster.storage`),
      rule: 'storage-too-small',
      actual: formatBytes(plan.cluster.storageBytes),
      limit: formatBytes(bytesOf(config.size)),
      message: `the volume holds ${formatBytes(plan.cluster.storageBytes)}, the database is planned with ${formatBytes(plan.sizeBytes)}`,
      fix: `use at least ${formatBytes(plan.sizeBytes)}`,
    },
  ];
}

/** A restore that completes proves that the file is whole, not that the data is right. */
export function checkValidation({ plan, path }: DatabaseUnderCheck): Finding[] {
  if (plan.dumps === undefined || plan.dumps.verification.checks.length > 0) {
    return [];
  }
  return [
    {
      ...about(plan, `${path}.dumps.verification.checks`),
      severity: Severity.WARNING,
      rule: 'validation-missing',
      actual: 'no checks',
      limit: 'at least one',
      message: 'verification proves only that a dump can be restored, not that the data is there',
      fix: 'add ValidationCheck.minimumRows and ValidationCheck.freshness for the tables that matter',
    },
  ];
}

/** Dumps are the copy that survives a damaged archive. */
export function checkIndependentCopy({ plan, path }: DatabaseUnderCheck): Finding[] {
  if (plan.dumps !== undefined) {
    return [];
  }
  return [
    {
      ...about(plan, `${path}.dumps`),
      severity: Severity.WARNING,
      rule: 'dumps-missing',
      actual: 'none',
      limit: 'at least one tier',
      message: 'a physical archive also keeps physical damage, and nothing restores it on a schedule',
      fix: 'add dumps with a daily tier',
    },
  ];
}

function about(plan: DatabasePlan, path: string): Pick<Finding, 'asset' | 'path' | 'severity'> {
  return { asset: `database ${plan.name}`, path, severity: Severity.ERROR };
}
