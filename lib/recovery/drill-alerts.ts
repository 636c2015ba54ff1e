import type { RecoveryPlan } from '../plan';
import { allDrills } from '../plan';
import { dialectOf } from '../storage';
import { BAD_BACKUP, runsOf } from './alert-commands';
import type { AlertPage } from './alerts';
import { storeAccess } from './procedures/store';

/** Prints the newest report of a drill. */
const newestReport = (place: string): string =>
  `rclone cat "${place}/$(rclone lsf --include '*.txt' ${place} | sort | tail -n 1)"`;

/** Pages for the alerts on rehearsed restores; none where nothing is rehearsed. */
export function drillPages(plan: RecoveryPlan): AlertPage[] {
  const drills = allDrills(plan.drills);
  if (drills.length === 0) {
    return [];
  }
  const { rcloneRoot } = dialectOf(plan.storage);
  const cronJobs = drills.map(({ jobName, namespace }) => `kubectl get cronjob ${jobName} -n ${namespace}`).join('\n');
  const logs = drills.map(({ jobName, namespace }) => runsOf(namespace, jobName)).join('\n');
  const reports = [
    storeAccess(plan),
    ...drills.map(({ reportPrefix }) => newestReport(`${rcloneRoot}/${reportPrefix}`)),
  ].join('\n');
  return [
    {
      name: 'DrillFailed',
      meaning:
        'A rehearsed restore did not succeed: what it restored is damaged, is not what it should be, or cannot be restored at all. Treat it as no backup until you know better.',
      commands: [logs, reports].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'DrillTooSlow',
      meaning:
        'What was restored is good, but took longer than it may: the data has grown, or the store, the disks or the network are slow. If you had to recover now, the objective would be missed.',
      commands: reports,
      page: BAD_BACKUP,
    },
    {
      name: 'DrillStale',
      meaning:
        'A rehearsal is overdue, or ended without a report: nothing has proven for longer than planned that a recovery works.',
      commands: [cronJobs, logs].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'DrillNeverRan',
      meaning:
        'A rehearsal was planned for the first time and has not taken place: nothing proves that a recovery works.',
      commands: [
        cronJobs,
        ...drills.map(
          ({ jobName, namespace }) =>
            `kubectl create job -n ${namespace} --from=cronjob/${jobName} "${jobName.slice(0, 40)}-$(date +%s)" --dry-run=server`,
        ),
      ].join('\n'),
      page: BAD_BACKUP,
    },
  ];
}
