import { k8s } from 'cdk8s-plus-27';
import { JobSteps, POSTGRES_PORT } from '../../database';
import { JobNetworkPolicy, jobPod, labelsFor } from '../../k8s';
import type { DatabasePlan, DumpPlan, RecoveryPlan } from '../../plan';
import { dialectOf } from '../../storage';
import { guarded } from '../deletion';
import { manifestsOf } from '../manifests';
import type { Procedure } from '../procedure';
import { optionalVariable } from '../procedure';
import { quote } from '../shell';
import { findPrimary, inPod, psql, validate } from './database-commands';
import { expectedOf } from './estimates';

const COMPONENT = 'restore';

/** Which dump is restored, and where to. */
export interface DumpRestore {
  /** Run id that no restored run is later than; empty for the newest. */
  readonly notAfter: string;
  /** Tier to take it from; otherwise the newest of all tiers. */
  readonly tier?: string;
  /** Database to restore into. */
  readonly into: string;
}

/** Name of the database that a dump is restored into unless another is given. */
export function restoredDatabase({ database }: DatabasePlan): string {
  return `${database}_restored`;
}

/** Name of the Job that restores a dump. */
export function restoreJobName({ name }: DatabasePlan): string {
  return `${name}-restore`;
}

/** The Job that restores a dump, with its identity and network policy. */
export function restoreJob(site: RecoveryPlan, plan: DatabasePlan, dumps: DumpPlan, restore: DumpRestore): object[] {
  const name = restoreJobName(plan);
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  const { podLabels, peers, serviceAccountAnnotations } = dialectOf(site.storage);
  const tiers = dumps.tiers.filter((tier) => restore.tier === undefined || tier.name === restore.tier);
  const steps = new JobSteps(site, plan, { ...dumps, tiers });
  const labels = labelsFor(defaults, name, COMPONENT);
  const metadata = { name, namespace: plan.namespace, labels };
  return manifestsOf((chart) => {
    new k8s.KubeServiceAccount(chart, 'Identity', {
      metadata: { ...metadata, annotations: serviceAccountAnnotations },
      automountServiceAccountToken: false,
    });
    if (site.network.policies) {
      new JobNetworkPolicy(chart, 'Network', {
        defaults,
        name,
        component: COMPONENT,
        network: site.network,
        storePeers: peers,
        database: { labels: { 'cnpg.io/cluster': plan.name }, port: POSTGRES_PORT },
        apiServer: false,
      });
    }
    new k8s.KubeJob(chart, 'Job', {
      metadata,
      spec: {
        // A second attempt would find what the first one left.
        backoffLimit: 0,
        activeDeadlineSeconds: dumps.verification.run.deadline,
        template: {
          metadata: { labels: { ...labels, ...podLabels } },
          spec: jobPod({
            serviceAccountName: name,
            scriptsName: `${plan.name}-scripts`,
            steps: steps.restore(restore.notAfter, restore.into),
            uid: steps.uid,
            workspaceBytes: dumps.verification.workspaceBytes,
            ...(dumps.workspaceStorageClass === undefined
              ? {}
              : { workspaceStorageClass: dumps.workspaceStorageClass }),
          }),
        },
      },
    });
  });
}

/** Restores a dump into a new database of the running Cluster. */
export function restoreDump(
  site: RecoveryPlan,
  plan: DatabasePlan,
  dumps: DumpPlan,
  into: string = restoredDatabase(plan),
): Procedure {
  const { name, namespace, database, owner } = plan;
  const job = restoreJobName(plan);
  const tiers = dumps.tiers.map((tier) => tier.name);
  const estimate = expectedOf(site, `database ${name}`, `dump ${tiers[0] ?? ''}`);
  const cleanUp = `kubectl delete job,serviceaccount,networkpolicy ${job} -n ${namespace} --ignore-not-found`;
  const live = (statement: string): string =>
    `${inPod('PRIMARY', namespace)} ${psql('postgres')} -c ${quote(statement)}`;
  return {
    title: `Restore a dump of database ${name} into a new database`,
    use: `The archive is damaged or too old, or a single table of an earlier day is wanted. The Cluster runs; what it holds is not touched. Dumps of tiers ${tiers.join(' and ')} are considered.`,
    parameters: [
      {
        name: 'NOT_AFTER',
        meaning: 'Time that the dump must not be later than, in UTC',
        example: '20240115T143000Z',
        pattern: '[0-9]{8}T[0-9]{6}Z',
        whenEmpty: 'the newest',
      },
      {
        name: 'CONFIRM_RENAME',
        meaning: 'Name of the live database, to put the restored one in its place',
        example: database,
        pattern: database,
        whenEmpty: 'it stays beside the live one',
      },
    ],
    steps: [
      {
        text: `Make database \`${into}\`; an error that it exists means that somebody restored before.`,
        command: [
          findPrimary('PRIMARY', namespace, name),
          "MADE=''",
          `${live(`CREATE DATABASE "${into}" OWNER "${owner}" TEMPLATE template0`)} && MADE=yes`,
        ].join('\n'),
      },
      {
        text: 'Restore: fetch, compare with the commit marker, open, load as the owner.',
        manifests: restoreJob(site, plan, dumps, { notAfter: optionalVariable('NOT_AFTER'), into }),
        needs: 'MADE',
        command: [
          // Neither one that failed nor one that is missing is waited for.
          `until [ -n "$(kubectl get job ${job} -n ${namespace} -o jsonpath='{.status.conditions[*].type}' || echo none)" ]; do sleep 2; done`,
          `kubectl logs job/${job} -n ${namespace} --all-containers --prefix`,
        ].join('\n'),
      },
      {
        text: 'Validate: every line must begin with `t`.',
        command: validate({ ...plan, database: into }, name, "$(date -u '+%Y-%m-%d %H:%M:%S+00')"),
      },
      {
        text: `Stop the applications, then put it in the place of the live one, which stays as \`${database}_before\`. Roles and what they were granted are not restored: only the owner's rights are.`,
        command: [
          `if [ "$CONFIRM_RENAME" = ${database} ]; then`,
          `  ${live(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN ('${database}', '${into}')`)}`,
          `  ${live(`ALTER DATABASE "${database}" RENAME TO "${database}_before"`)}`,
          `  ${live(`ALTER DATABASE "${into}" RENAME TO "${database}"`)}`,
          'fi',
        ].join('\n'),
      },
      { text: 'Remove the Job.', command: cleanUp },
    ],
    ...estimate,
    worked: `the Job is complete, and every check begins with \`t\`.`,
    backOut: `remove the Job as in the last step, and drop what was restored. After the fourth step: rename both databases back first.`,
    backOutCommand: [
      findPrimary('PRIMARY', namespace, name),
      guarded({ what: `Database ${into}`, name: into, command: live(`DROP DATABASE "${into}"`) }),
    ].join('\n'),
  };
}
