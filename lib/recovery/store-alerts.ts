import type { RecoveryPlan } from '../plan';
import { StoredKind } from '../plan';
import { dialectOf } from '../storage';
import { BAD_BACKUP, runsOf } from './alert-commands';
import type { AlertPage } from './alerts';
import { listRuns, storeAccess } from './procedures/store';

/** Pages for the alerts on the store itself; none where nobody looks into it. */
export function storePages(plan: RecoveryPlan): AlertPage[] {
  const { probe } = plan.monitoring ?? {};
  if (probe === undefined) {
    return [];
  }
  const { namespace, cronJob, prefixes } = probe;
  const { rcloneRoot } = dialectOf(plan.storage);
  const logs = runsOf(namespace, cronJob);
  const root = [storeAccess(plan), `rclone lsf ${rcloneRoot}`].join('\n');
  const stored = prefixes.filter(({ kind }) => kind === StoredKind.RUNS).map(({ prefix }) => listRuns(plan, prefix));
  return [
    {
      name: 'StoreUnreachable',
      meaning:
        'The store does not answer, or nobody has looked: its network, its credentials or the store itself are at fault, or the job that looks does not run. Until it answers nothing is backed up, and nothing can be recovered from it.',
      commands: [logs, root].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'BackupMissing',
      meaning:
        'A backup was reported, and a later look did not find it in the store: somebody or something removed it, or it went to another place. Find out which before more goes.',
      commands: [logs, storeAccess(plan), ...stored].join('\n'),
      page: BAD_BACKUP,
    },
    ...(probe.credentialExpires
      ? [
          {
            name: 'StoreCredentialExpires',
            meaning:
              'The shared access signature of the store expires soon. Make a new one and put it into the Secret in every namespace that has it, and in the place that they come from.',
            commands: [
              ...new Set(
                plan.externalReferences
                  .filter(({ kind, name }) => kind === 'Secret' && name === plan.storage.azure?.sasToken?.secretName)
                  .map(({ namespace: home, name }) => `kubectl get secret ${name} -n ${home}`),
              ),
            ].join('\n'),
            page: BAD_BACKUP,
          },
        ]
      : []),
  ];
}
