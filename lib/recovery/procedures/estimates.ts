import type { RecoveryPlan } from '../../plan';
import type { Procedure } from '../procedure';

/** What the plan estimates for a protection of an asset. */
export function expectedOf(plan: RecoveryPlan, asset: string, protection: string): Pick<Procedure, 'expected'> {
  const restore = plan.assets
    .find((summary) => summary.asset === asset)
    ?.protections.find((summary) => summary.protection === protection)?.restore;
  return restore === undefined ? {} : { expected: { seconds: restore.total, measured: restore.measured } };
}

/** Seconds after which a wait is given up: twice the estimate, but never short. */
export function patience({ expected }: Pick<Procedure, 'expected'>): number {
  return Math.max(900, 2 * (expected?.seconds ?? 0));
}
