import { linkTo } from '../markdown';
import type { Procedures } from '../procedures';
import type { Scenario } from '../scenario';

/** A claim's data is gone or damaged. */
export function lostVolume({ volumes }: Procedures): Scenario[] {
  if (volumes.length === 0) {
    return [];
  }
  return [
    {
      title: 'Lost volume',
      symptom: 'Files are gone or damaged, a disk cannot be attached, or a claim was deleted.',
      decision: [
        'Only files are missed: restore beside the claim, and copy them.',
        ...volumes.flatMap(({ volume, restore, import: imported }) => [
          `A claim of \`${volume.name}\`, and its snapshots are in the cluster: ${linkTo(restore.title)}.`,
          `A claim of \`${volume.name}\`, and the cluster has no snapshots of it: ${linkTo(imported.title)}.`,
        ]),
      ],
      steps: volumes.map(({ volume: { name, namespace } }) => ({
        text: `Claims and snapshots of \`${name}\`:`,
        command: [
          `kubectl get persistentvolumeclaims -n ${namespace}`,
          `kubectl get volumesnapshots -n ${namespace} -l cdk8s-dr/asset=${name} --sort-by=.metadata.creationTimestamp`,
        ].join('\n'),
      })),
      procedures: volumes.flatMap(({ restore, import: imported }) => [restore, imported]),
      worked: 'the workload runs on the restored claim, and its data is right.',
      backOut: 'the old volume is kept until somebody deletes it.',
    },
  ];
}
