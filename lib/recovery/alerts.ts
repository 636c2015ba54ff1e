import type { RecoveryPlan } from '../plan';
import { dialectOf } from '../storage';
import { BAD_BACKUP, runsOf } from './alert-commands';
import { drillPages } from './drill-alerts';
import type { Procedures } from './procedures';
import { storeAccess } from './procedures/store';
import { jobsOf } from './scenarios/bad-backup';
import { storePages } from './store-alerts';

/** What to do when an alert fires. */
export interface AlertPage {
  /** Name of the alert, which is its heading. */
  readonly name: string;
  /** What it means for this site. */
  readonly meaning: string;
  /** The first commands. */
  readonly commands: string;
  /** Heading of the page to go on with. */
  readonly page: string;
}

/** A page for every alert that can concern a plan. */
export function alertPages(plan: RecoveryPlan, { databases, volumes, etcd }: Procedures): AlertPage[] {
  const hasDatabases = databases.length > 0;
  const hasVolumes = volumes.length > 0 || databases.some(({ database }) => database.snapshots !== undefined);
  const verifies = jobsOf(plan).some((job) => job.verifies);
  const first = hasDatabases ? [databasePages(plan)] : [];
  return [
    ...runPages(plan),
    ...(hasVolumes ? snapshotPages(plan) : []),
    ...(verifies ? verificationPages(plan) : []),
    ...drillPages(plan),
    ...storePages(plan),
    ...first.flat(),
    ...(etcd === undefined || plan.etcd?.stream === undefined
      ? []
      : [streamPage(plan.etcd.stream.name, plan.etcd.namespace)]),
  ];
}

function runPages(plan: RecoveryPlan): AlertPage[] {
  const jobs = jobsOf(plan);
  const backups = jobs.filter(({ prunes, verifies }) => !prunes && !verifies);
  const show = (list: typeof jobs): string =>
    list.map(({ name, namespace }) => `kubectl get cronjob ${name} -n ${namespace}`).join('\n');
  const runs = recentRuns(plan);
  const stored = [storeAccess(plan), `rclone size ${dialectOf(plan.storage).rcloneRoot}`].join('\n');
  return [
    {
      name: 'BackupNotRunning',
      meaning:
        'A backup is older than the plan allows: its job is suspended, could not start, or keeps failing. The loss grows with every minute.',
      commands: [show(backups), runs].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'BackupFailed',
      meaning:
        'A run of a backup job failed. One failed run is planned for; a second one in a row may break the objective.',
      commands: runs,
      page: BAD_BACKUP,
    },
    {
      name: 'BackupNeverSucceeded',
      meaning:
        'A backup job exists, and not one of its runs has committed a backup: credentials, network or the store are wrong, or it has not had its first run yet.',
      commands: [show(backups), runs].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'BackupMetricsAbsent',
      meaning: 'Nothing reports about a backup any more. Backups may go on, but nobody would see it if they did not.',
      commands: [show(jobs), 'kubectl get pods -A -l app.kubernetes.io/managed-by=cdk8s-dr'].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'BackupTooSlow',
      meaning:
        'A run takes so long that it may soon be killed by its deadline, or miss the objective. Data has grown, or the store is slow.',
      commands: runs,
      page: BAD_BACKUP,
    },
    {
      name: 'BackupSizeAnomaly',
      meaning:
        'A backup is much smaller or larger than those before it. Smaller may mean that data is missing: look before the older ones expire.',
      commands: stored,
      page: BAD_BACKUP,
    },
    {
      name: 'BackupTooLarge',
      meaning:
        'A backup has outgrown what was planned for: restore estimates, workspaces and cost no longer hold. Give the config the new sizes.',
      commands: stored,
      page: BAD_BACKUP,
    },
    {
      name: 'BackupJobSuspended',
      meaning:
        'Somebody suspended a job, perhaps during a restore, and did not let it go on: it starts no run until then.',
      commands: [
        show(jobs),
        ...jobs.map(
          ({ name, namespace }) =>
            `kubectl patch cronjob ${name} -n ${namespace} -p '{"spec":{"suspend":false}}' --dry-run=server`,
        ),
      ].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'PruneFailed',
      meaning:
        'Expired backups are not removed. Nothing is in danger yet: the store grows, and snapshots may reach the limit of the provider.',
      commands: [show(jobs.filter(({ prunes }) => prunes)), runs].join('\n'),
      page: BAD_BACKUP,
    },
    ...monitoringPages(plan),
    ...replicationPages(plan),
  ];
}

function replicationPages({ replication }: RecoveryPlan): AlertPage[] {
  if (replication === undefined) {
    return [];
  }
  const { jobName, namespace } = replication;
  return [
    {
      name: 'ReplicationLagging',
      meaning:
        'The second store is further behind than planned. Nothing is in danger yet: if this region is lost now, more is lost than planned.',
      commands: runsOf(namespace, jobName),
      page: 'Lost region',
    },
  ];
}

function monitoringPages({ monitoring }: RecoveryPlan): AlertPage[] {
  if (monitoring?.pushgateway === undefined) {
    return [];
  }
  const { namespace, pushgateway } = monitoring;
  return [
    {
      name: 'PushgatewayDown',
      meaning:
        'Runs cannot report what they commit. Backups go on; alerts about their age will follow, although nothing may be wrong with them.',
      commands: [
        `kubectl get pods -n ${namespace} -l app.kubernetes.io/name=${pushgateway.name}`,
        `kubectl logs -n ${namespace} -l app.kubernetes.io/name=${pushgateway.name} --tail=20`,
      ].join('\n'),
      page: BAD_BACKUP,
    },
  ];
}

function snapshotPages({ volumes, databases }: RecoveryPlan): AlertPage[] {
  const namespaces = [
    ...new Set(
      [...volumes, ...databases.filter(({ snapshots }) => snapshots !== undefined)].map(({ namespace }) => namespace),
    ),
  ];
  const snapshots = namespaces
    .map((namespace) => `kubectl get volumesnapshots -n ${namespace} --sort-by=.metadata.creationTimestamp`)
    .join('\n');
  const jobs = volumes.map(
    ({ jobName, namespace }) => `kubectl get jobs -n ${namespace} -l app.kubernetes.io/name=${jobName}`,
  );
  return [
    {
      name: 'SnapshotTooOld',
      meaning: 'The newest good snapshot of a claim is older than the plan allows.',
      commands: [snapshots, ...jobs].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'SnapshotNotReady',
      meaning:
        'A snapshot was cut and does not become ready: the provider copies slowly, or refuses it. It does not count as a backup.',
      commands: [snapshots, 'kubectl get pods -A | grep snapshot'].join('\n'),
      page: BAD_BACKUP,
    },
    {
      name: 'SnapshotCountNearLimit',
      meaning:
        'A disk has almost as many snapshots as the provider allows; beyond it every new one is refused. Pruning does not keep up, or something else takes snapshots too.',
      commands: snapshots,
      page: BAD_BACKUP,
    },
  ];
}

function verificationPages(plan: RecoveryPlan): AlertPage[] {
  const commands = jobsOf(plan)
    .filter(({ verifies }) => verifies)
    .map(({ name, namespace }) => runsOf(namespace, name))
    .join('\n');
  return [
    {
      name: 'RestoreTestFailed',
      meaning:
        'The newest dump was restored and a check did not hold, or it could not be restored at all. Treat it as no backup until you know better.',
      commands,
      page: BAD_BACKUP,
    },
    {
      name: 'RestoreTestStale',
      meaning: 'No backup has been proven for longer than the plan allows: bad ones would go unnoticed.',
      commands,
      page: BAD_BACKUP,
    },
  ];
}

function databasePages({ databases }: RecoveryPlan): AlertPage[] {
  const each = (lines: (name: string, namespace: string) => string): string =>
    databases.map(({ name, namespace }) => lines(name, namespace)).join('\n');
  const archiving = each(
    (name, namespace) =>
      `kubectl get cluster ${name} -n ${namespace} -o jsonpath='{.status.conditions[?(@.type=="ContinuousArchiving")]}{"\\n"}'\n` +
      `kubectl logs -n ${namespace} -l cnpg.io/cluster=${name} -c plugin-barman-cloud --tail=20`,
  );
  return [
    {
      name: 'WalArchivingFailing',
      meaning:
        'WAL does not reach the store: what is written now is lost if the Cluster is lost, and its WAL volumes fill up.',
      commands: archiving,
      page: BAD_BACKUP,
    },
    {
      name: 'WalArchiveBacklog',
      meaning: 'WAL is written faster than it is archived: the loss would be larger than planned.',
      commands: archiving,
      page: BAD_BACKUP,
    },
    {
      name: 'BaseBackupTooOld',
      meaning:
        'The newest base backup is older than planned: a recovery replays more WAL, and takes longer than the objective allows.',
      commands: each(
        (name, namespace) =>
          `kubectl get backups -n ${namespace} -l cnpg.io/cluster=${name} --sort-by=.metadata.creationTimestamp`,
      ),
      page: BAD_BACKUP,
    },
  ];
}

function streamPage(name: string, namespace: string): AlertPage {
  return {
    name: 'EtcdStreamStale',
    meaning:
      'The snapshot stream of etcd has not committed for longer than planned. Scheduled snapshots go on, and lose more.',
    commands: [
      `kubectl get pods -n ${namespace} -l app.kubernetes.io/name=${name}`,
      `kubectl logs -n ${namespace} -l app.kubernetes.io/name=${name} --all-containers --prefix --tail=10`,
    ].join('\n'),
    page: BAD_BACKUP,
  };
}

/** The newest runs, and why they ended. */
function recentRuns(plan: RecoveryPlan): string {
  return [...new Set(jobsOf(plan).map(({ namespace }) => namespace))]
    .map(
      (namespace) =>
        `kubectl get jobs -n ${namespace} -l app.kubernetes.io/managed-by=cdk8s-dr --sort-by=.status.startTime`,
    )
    .join('\n');
}
