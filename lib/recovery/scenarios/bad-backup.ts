import { formatSeconds } from '../../config';
import type { RecoveryPlan } from '../../plan';
import { linkTo } from '../markdown';
import type { Procedure } from '../procedure';
import type { Procedures } from '../procedures';
import { listRuns, storeAccess } from '../procedures/store';
import type { Scenario } from '../scenario';

/** A backup fails, is missing, or cannot be restored. Nothing is lost yet. */
export function badBackup(plan: RecoveryPlan, procedures: Procedures): Scenario[] {
  const jobs = jobsOf(plan);
  const dumps = procedures.databases.flatMap(({ database, dump }) =>
    database.dumps === undefined || dump === undefined ? [] : [{ database, dump, dumps: database.dumps }],
  );
  return [
    {
      title: 'Bad backup',
      symptom: 'A verification fails, a backup is too old or of an unlikely size, or a run fails again and again.',
      decision: [
        'Nothing is lost yet: take a fresh backup first, and find the cause afterwards.',
        'Keep what is left: suspend the prune jobs until a good backup is there.',
        ...dumps.map(
          ({ database, dump }) =>
            `Whether an older dump of \`${database.name}\` is good is seen by restoring it: ${linkTo(dump.title)}, with a time before the bad one, and then backing out of it.`,
        ),
        ...dumps.map(
          ({ database, dumps: { tiers } }) =>
            `Dumps of \`${database.name}\` are kept for ${tiers.map(({ name, keepSeconds }) => `${formatSeconds(keepSeconds)} (${name})`).join(' and ')}: a good one must be there before the last good one expires.`,
        ),
      ],
      steps: [
        {
          text: 'Why the newest runs failed: each step has a log, and the last line says what is wrong.',
          command: [...new Set(jobs.map(({ namespace }) => namespace))]
            .map(
              (namespace) =>
                `kubectl get jobs -n ${namespace} -l app.kubernetes.io/managed-by=cdk8s-dr --sort-by=.status.startTime`,
            )
            .join('\n'),
        },
        {
          text: 'Let nothing be removed meanwhile; afterwards the same with `false`.',
          command: jobs
            .filter(({ prunes }) => prunes)
            .map(
              ({ name, namespace }) => `kubectl patch cronjob ${name} -n ${namespace} -p '{"spec":{"suspend":true}}'`,
            )
            .join('\n'),
        },
        {
          text: 'Take fresh backups now.',
          command: jobs
            .filter(({ prunes, verifies }) => !prunes && !verifies)
            .map(
              ({ name, namespace }) =>
                `kubectl create job -n ${namespace} --from=cronjob/${name} "${name.slice(0, 40)}-$(date +%s)"`,
            )
            .join('\n'),
        },
        {
          text: 'Then verify them.',
          command: jobs
            .filter(({ verifies }) => verifies)
            .map(
              ({ name, namespace }) =>
                `kubectl create job -n ${namespace} --from=cronjob/${name} "${name.slice(0, 40)}-$(date +%s)"`,
            )
            .join('\n'),
        },
        ...(dumps.length === 0
          ? []
          : [
              {
                text: 'What the store has:',
                command: [
                  storeAccess(plan),
                  ...dumps.flatMap(({ dumps: { tiers } }) => tiers.map(({ prefix }) => listRuns(plan, prefix))),
                ].join('\n'),
              },
            ]),
      ].filter(({ command }) => command !== ''),
      procedures: dumps.map(({ dump }): Procedure => dump),
      worked: 'the verification of a backup that was taken afterwards succeeds, and the prune jobs run again.',
      backOut: 'nothing is restored or removed here.',
    },
  ];
}

interface Job {
  readonly name: string;
  readonly namespace: string;
  readonly prunes?: boolean;
  readonly verifies?: boolean;
}

/** Every CronJob of a plan. */
export function jobsOf({ databases, volumes, etcd, configuration }: RecoveryPlan): Job[] {
  return [
    ...databases.flatMap(({ namespace, dumps }): Job[] =>
      dumps === undefined
        ? []
        : [
            ...dumps.tiers.map(({ jobName }) => ({ name: jobName, namespace })),
            { name: dumps.verification.jobName, namespace, verifies: true },
            { name: dumps.prune.jobName, namespace, prunes: true },
          ],
    ),
    ...[
      ...volumes,
      ...(etcd === undefined ? [] : [etcd]),
      ...(configuration === undefined ? [] : [configuration]),
    ].flatMap(({ jobName, namespace, prune }): Job[] => [
      { name: jobName, namespace },
      { name: prune.jobName, namespace, prunes: true },
    ]),
  ];
}
