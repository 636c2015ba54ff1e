import { formatSeconds } from '../../config';
import type { RecoveryPlan } from '../../plan';
import type { Procedures } from '../procedures';
import type { Scenario } from '../scenario';

/** Cluster and store are gone together. */
export function lostRegion(plan: RecoveryPlan, procedures: Procedures): Scenario[] {
  const { volumes } = procedures;
  const elsewhere = plan.snapshotClasses.filter(({ parameters }) => parameters.location !== undefined);
  return [
    {
      title: 'Lost region',
      symptom: 'Cluster, disks and object store of a region are out of reach together.',
      decision: [
        'The provider says it comes back within your objectives: wait. Two sites that both accept writes are worse than none.',
        ...secondCopy(plan),
        ...(volumes.length === 0
          ? []
          : [
              elsewhere.length === 0
                ? 'Snapshots lie in the region of their disks: none of them is left.'
                : `Snapshots of class ${elsewhere.map(({ name, parameters }) => `\`${name}\` (in ${parameters.location})`).join(' and ')} are in another region, and can be restored there only.`,
            ]),
      ],
      steps: [
        {
          text: 'Whether the store answers at all: with the keys of your safe, from outside the region.',
          command: reach(plan),
        },
      ],
      procedures: [],
      worked: 'as in [Lost cluster](#lost-cluster), in the other region.',
      backOut:
        'before the old region comes back: keep its cluster from starting, since it would go on writing where it left off.',
    },
  ];
}

/** What the second store has, and how a restore from it is made; or what it means that there is none. */
function secondCopy({ replication }: RecoveryPlan): string[] {
  if (replication === undefined) {
    return [
      "This plan has **no second copy of the store** (config `replication`): what was in the region is lost, unless the account itself replicates. Where it does, fail the account over in the provider's console, and go on with [Lost cluster](#lost-cluster).",
    ];
  }
  const losses = replication.offsite.map(({ asset, protection, worstCaseLoss }) =>
    protection === undefined || worstCaseLoss === undefined
      ? `${asset}: nothing of it can be restored from there`
      : `${asset}: at worst ${formatSeconds(worstCaseLoss)} are lost, from ${protection}`,
  );
  return [
    `The second store, \`${replication.targetName}\`, has what was committed, at worst ${formatSeconds(replication.lag)} behind. ${losses.join('; ')}.`,
    'Stop the job that copies, wherever it still runs, so that nothing writes there while you restore. In the config make the target of `replication` the `storage`, leave `replication` out, and synthesise: the runbook of that plan has every command with the names of the second store. Go on with its page [Lost cluster](#lost-cluster), in another region.',
  ];
}

function reach({ storage }: RecoveryPlan): string {
  const { azure, s3Settings } = storage;
  const host =
    azure !== undefined
      ? `https://${azure.account}.blob.core.windows.net`
      : (s3Settings?.endpoint ??
        (s3Settings === undefined
          ? 'https://storage.googleapis.com'
          : `https://s3.${s3Settings.region}.amazonaws.com`));
  return `curl --silent --show-error --output /dev/null --write-out '%{http_code}\\n' ${host}`;
}
