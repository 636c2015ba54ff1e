import { formatSeconds } from '../config';
import type { ReplicationPlan } from '../plan';
import { dialectOf } from '../storage';

/** Renders the second copy for the plan: how far it may be behind, what it costs to have nothing else, and what is not in it. */
export function replicationTable(plan: ReplicationPlan | undefined): string[] {
  if (plan === undefined) {
    return [];
  }
  const { target, run, lag, offsite, leftOut } = plan;
  const width = Math.max(...offsite.map(({ asset }) => asset.length), 0);
  return [
    '',
    `Second copy at ${dialectOf(target).location}, ${run.description}: at most ${formatSeconds(lag)} behind`,
    '  What is lost at worst when the first store is lost together with the cluster:',
    ...offsite.map(({ asset, protection, worstCaseLoss, rpo }) => {
      const loss =
        worstCaseLoss === undefined
          ? 'everything'
          : `${formatSeconds(worstCaseLoss)}${worstCaseLoss > rpo ? ' (over)' : ''}, from ${protection}`;
      return `  ${asset.padEnd(width)}  ${loss}`;
    }),
    ...(leftOut.length === 0 ? [] : [`  Not copied: ${leftOut.join(', ')}`]),
  ];
}
