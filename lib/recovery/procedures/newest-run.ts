import type { RecoveryPlan } from '../../plan';
import type { Procedure } from '../procedure';
import { variable } from '../procedure';
import { RUN, runsBelow } from './store';

/** Variable of the tier that a run is of, where an asset has several. */
export const TIER = 'TIER';

/** Where runs of one tier are. */
export interface RunTier {
  readonly tier: string;
  readonly prefix: string;
}

/** A procedure that takes the newest run of some tiers, or the newest by a time given as a run id, instead of asking for one. */
export function withNewestRun(
  plan: RecoveryPlan,
  procedure: Procedure,
  tiers: readonly RunTier[],
  notAfter: string | undefined,
): Procedure {
  return {
    ...procedure,
    look: [procedure.look ?? '', newestRun(plan, tiers, notAfter)].join('\n').trim(),
    parameters: procedure.parameters.filter(({ name }) => ![RUN.name, TIER].includes(name)),
  };
}

/** Sets the variables of run and tier, and prints them as they can be pasted on another machine. */
function newestRun(plan: RecoveryPlan, tiers: readonly RunTier[], notAfter: string | undefined): string {
  const newest =
    notAfter === undefined ? 'tail -n 1' : `awk '$1 <= "${notAfter}" { newest = $0 } END { print newest }'`;
  const [only, ...others] = tiers;
  if (only !== undefined && others.length === 0) {
    return [
      `${RUN.name}=$(${runsBelow(plan, only.prefix)} | sort | ${newest})`,
      `echo "${RUN.name}=${variable(RUN.name)}"`,
    ].join('\n');
  }
  return [
    'NEWEST=$({',
    ...tiers.map(({ tier, prefix }) => `  ${runsBelow(plan, prefix, ` ${tier}`)}`),
    `} | sort | ${newest})`,
    `${RUN.name}=\${NEWEST% *}`,
    `${TIER}=\${NEWEST#* }`,
    `echo "${RUN.name}=${variable(RUN.name)} ${TIER}=${variable(TIER)}"`,
  ].join('\n');
}
