import { linkTo } from '../markdown';
import type { Procedures } from '../procedures';
import type { Scenario } from '../scenario';

/** Rows or tables are gone, and everything else is fine. */
export function lostRow({ databases }: Procedures): Scenario[] {
  if (databases.length === 0) {
    return [];
  }
  return [
    {
      title: 'Lost row',
      symptom: 'Rows or a whole table were deleted or changed by mistake; the database runs.',
      decision: [
        'Note the time at once, in UTC: the archive is exact to the transaction, but only a person knows when the mistake was made. Aim a minute before it.',
        ...databases.map(({ lostRows, dump }) =>
          dump === undefined
            ? `${linkTo(lostRows.title)}.`
            : `Within the recovery window: ${linkTo(lostRows.title)}. Older than the window: ${linkTo(dump.title)}, and copy from there.`,
        ),
        'So much is wrong that going on makes it worse: stop the application, and see [Lost database](#lost-database).',
      ],
      steps: databases.map(({ database }) => ({
        text: `How far back the archive of \`${database.name}\` reaches:`,
        command: `kubectl get objectstore ${database.archive.objectStoreName} -n ${database.namespace} -o jsonpath='{.status.serverRecoveryWindow}{"\\n"}'`,
      })),
      procedures: databases.map(({ lostRows }) => lostRows),
      worked: 'the application shows the rows again, and nothing that was written since is lost.',
      backOut: 'everything happens beside the live data until the very last step, which only adds rows.',
    },
  ];
}
