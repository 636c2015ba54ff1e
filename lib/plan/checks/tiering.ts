import { formatSeconds, StorageTier } from '../../config';
import type { LifecycleMove, TierFacts } from '../../storage';
import type { Finding } from '../finding';
import type { PlannedLifecycleRule, WrittenPrefix } from '../lifecycle-plan';
import { daysOf } from '../plan-lifecycle';
import type { LifecycleUnderCheck } from './lifecycle';
import { error, writtenBelow } from './lifecycle';

const DAY = 86400;

/** One move of one rule. */
interface MoveUnderCheck {
  readonly check: LifecycleUnderCheck;
  readonly rule: PlannedLifecycleRule;
  readonly below: WrittenPrefix[];
  readonly move: LifecycleMove;
  readonly facts: TierFacts;
  /** Days after which the object leaves the tier. */
  readonly leaves: number;
  readonly path: string;
}

/** Moves to cheaper tiers: the provider has the tier, a copy stays long enough for it to pay, and comes back in time. */
export function checkMoves(check: LifecycleUnderCheck): Finding[] {
  return check.plan.rules.flatMap((rule) => {
    const below = writtenBelow(rule, check.plan);
    return rule.moves.flatMap((move, index) => {
      const path = `${rule.path}.moves[${index}]`;
      const facts = check.dialect.tier(move.tier);
      if (facts === undefined) {
        return [unavailable(check, rule, move, path)];
      }
      const next = rule.moves[index + 1]?.afterDays ?? rule.deleteAfterDays ?? Number.POSITIVE_INFINITY;
      const removed = Math.min(...below.map(({ retention }) => Math.floor(retention / DAY)));
      const one = { check, rule, below, move, facts, path, leaves: Math.min(next, removed) };
      return below.length === 0 ? [] : [...tooEarly(one), ...tooShort(one), ...tooSlow(one)];
    });
  });
}

function unavailable(
  check: LifecycleUnderCheck,
  rule: PlannedLifecycleRule,
  move: LifecycleMove,
  path: string,
): Finding {
  const available = Object.values(StorageTier).filter((tier) => check.dialect.tier(tier) !== undefined);
  return {
    ...error('tier-unavailable', `${path}.tier`),
    actual: move.tier,
    limit: available.join(', '),
    message: `rule ${rule.name}: ${check.dialect.scope}, as configured, has no tier ${move.tier}`,
    fix: `use one of ${available.join(', ')}`,
  };
}

/** Providers refuse some early moves, and the copies that a restore starts from must stay readable at once. */
function tooEarly({ rule, below, move, facts, path }: MoveUnderCheck): Finding[] {
  const newest = facts.rehydration === 0 ? 0 : Math.max(...below.map(({ floor }) => daysOf(floor)));
  const earliest = Math.max(facts.earliestDays, newest);
  if (move.afterDays >= earliest) {
    return [];
  }
  const why =
    newest > facts.earliestDays
      ? `the newest copies, up to ${newest}d old, must be readable at once`
      : `the provider refuses it before ${earliest}d`;
  return [
    {
      ...error('tier-too-early', `${path}.after`),
      actual: `${move.afterDays}d`,
      limit: `at least ${earliest}d`,
      message: `rule ${rule.name} moves to ${facts.name} after ${move.afterDays}d, but ${why}`,
      fix: `use Duration.days(${earliest}) or more`,
    },
  ];
}

function tooShort({ rule, move, facts, leaves, path }: MoveUnderCheck): Finding[] {
  const stays = leaves - move.afterDays;
  if (stays >= facts.minimumDays) {
    return [];
  }
  const latest = leaves - facts.minimumDays;
  return [
    {
      ...error('tier-too-short', `${path}.after`),
      actual: `${Math.max(0, stays)}d in the tier`,
      limit: `at least ${facts.minimumDays}d`,
      message: `rule ${rule.name}: a copy that moves to ${facts.name} after ${move.afterDays}d leaves it at ${leaves}d, but ${facts.minimumDays}d are charged in any case`,
      fix:
        latest >= 1
          ? `use Duration.days(${latest}) or less, or keep the copies for ${move.afterDays + facts.minimumDays} days`
          : `leave the move out, or keep the copies for at least ${move.afterDays + facts.minimumDays} days`,
    },
  ];
}

function tooSlow({ check, rule, below, facts, path }: MoveUnderCheck): Finding[] {
  if (facts.rehydration === 0) {
    return [];
  }
  const archive = below.find(({ expiresByAge }) => !expiresByAge);
  if (archive !== undefined) {
    return [
      {
        ...error('tier-slower-than-rto', `${path}.tier`, archive.asset),
        actual: `up to ${formatSeconds(facts.rehydration)} to bring back`,
        limit: 'readable at once',
        message: `rule ${rule.name} moves ${archive.content} to ${facts.name}, but Barman reads its archive at any time and cannot wait`,
        fix: readableTiers(check),
      },
    ];
  }
  return below.flatMap((written) => {
    const asset = check.assets.find((summary) => summary.asset === written.asset);
    const protection = asset?.protections.find((summary) => summary.protection === written.protection);
    if (asset === undefined || protection === undefined) {
      return [];
    }
    const restore = facts.rehydration + protection.restore.total;
    const allowed = rule.restoreWithin ?? asset.rto;
    if (restore <= allowed) {
      return [];
    }
    return [
      {
        ...error('tier-slower-than-rto', `${path}.tier`, written.asset),
        actual: formatSeconds(restore),
        limit: formatSeconds(allowed),
        message: `a restore from ${written.content} in ${facts.name} takes up to ${formatSeconds(restore)}, of which ${formatSeconds(facts.rehydration)} to bring the copy back; ${rule.restoreWithin === undefined ? 'the RTO is' : 'allowed are'} ${formatSeconds(allowed)}`,
        fix: `${readableTiers(check)}, or, if the old copies are history only, set restoreWithin to Duration.hours(${Math.ceil(restore / 3600)})`,
      },
    ];
  });
}

function readableTiers({ dialect }: LifecycleUnderCheck): string {
  const tiers = Object.values(StorageTier).filter((tier) => dialect.tier(tier)?.rehydration === 0);
  return `use one of ${tiers.join(', ')}`;
}
