import { linkTo } from '../markdown';
import type { DatabaseProcedures, Procedures } from '../procedures';
import type { Scenario } from '../scenario';

/** A Cluster is gone, or nothing in it can be trusted. */
export function lostDatabase({ databases }: Procedures): Scenario[] {
  if (databases.length === 0) {
    return [];
  }
  return [
    {
      title: 'Lost database',
      symptom:
        'No instance comes back, the Cluster or its volumes are deleted, or its data is damaged beyond single rows.',
      decision: [
        'An instance is down and others run: wait. CloudNativePG promotes a standby within a minute and makes the lost instance anew.',
        ...databases.flatMap(decide),
        'The archive is damaged: restore a dump into a new, empty Cluster; what was written since the dump is lost.',
      ],
      steps: databases.map(({ database: { name, namespace } }) => ({
        text: `What is left of \`${name}\`:`,
        command: [
          `kubectl get cluster ${name} -n ${namespace} --ignore-not-found`,
          `kubectl get pods,persistentvolumeclaims -n ${namespace} -l cnpg.io/cluster=${name}`,
          `kubectl get events -n ${namespace} --field-selector involvedObject.name=${name}`,
        ].join('\n'),
      })),
      procedures: databases.flatMap(({ ownName, beside, dump }) => [
        ...ownName,
        ...beside,
        ...(dump === undefined ? [] : [dump]),
      ]),
      worked:
        'the Cluster is ready, its checks hold, it archives, it has a base backup, and the application works with it.',
      backOut: 'a recovered Cluster is new: deleting it changes neither the old one nor any backup.',
    },
  ];
}

function decide({ database, ownName, beside, dump }: DatabaseProcedures): string[] {
  const fastest = (procedures: typeof ownName): string =>
    procedures.map(({ title }) => linkTo(title)).join('; where its snapshots are gone or fail: ');
  return [
    `Nothing is left of \`${database.name}\`: ${fastest(ownName)}.`,
    `\`${database.name}\` is there, and its data is wrong since a known moment: ${fastest(beside)}.`,
    ...(dump === undefined ? [] : [`Its archive cannot be read: ${linkTo(dump.title)}.`]),
  ];
}
