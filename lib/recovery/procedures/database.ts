import { bootstrapOf } from '../../database';
import type { DatabasePlan, RecoveryPlan } from '../../plan';
import { dialectOf } from '../../storage';
import { guarded } from '../deletion';
import type { Parameter, Procedure, Step } from '../procedure';
import { variable } from '../procedure';
import { quote } from '../shell';
import { showArchive, TARGET_TIME, validate, waitForCluster } from './database-commands';
import { expectedOf, patience } from './estimates';
import type { RecoveryTarget } from './recovered-cluster';
import { firstBackup, firstBackupName, recoveredCluster } from './recovered-cluster';
import { storeAccess } from './store';

/** Under which name a database is recovered. */
export enum RecoverAs {
  /** Its own: for when nothing is left of the Cluster, so that applications find what they know. */
  OWN_NAME = 'own-name',
  /** The name of the next generation: for when the old Cluster is still there, until the new one is proven. */
  BESIDE = 'beside',
}

/** How a database is recovered. */
export interface DatabaseRecovery {
  readonly as: RecoverAs;
  readonly target: RecoveryTarget;
  /** Backup by volume snapshot to begin with; otherwise a base backup in the object store. */
  readonly snapshotBackup?: string;
}

/** The backup by volume snapshot to begin with. */
export function snapshotParameter(snapshotName: string): Parameter {
  return {
    name: 'BACKUP',
    meaning: 'Completed Backup of method volumeSnapshot that is older than the moment to recover to',
    example: `${snapshotName}-20240115120000`,
    pattern: '[a-z][a-z0-9-]*',
  };
}

/** Recovers a database from its archive, beginning with a base backup or with volume snapshots. */
export function recoverDatabase(site: RecoveryPlan, plan: DatabasePlan, recovery: DatabaseRecovery): Procedure {
  const { name, namespace, archive } = plan;
  const beside = recovery.as === RecoverAs.BESIDE;
  const cluster = recoveredName(plan, recovery.as);
  const fromSnapshot = recovery.snapshotBackup !== undefined;
  const estimate = expectedOf(
    site,
    `database ${name}`,
    fromSnapshot ? 'WAL archive + snapshot' : 'WAL archive + base backup',
  );
  const { time } = recovery.target;
  const manifests = recoveredCluster(site, plan, { ...recovery, name: cluster, readOnly: false });
  return {
    title: titleOf(plan, recovery),
    use: beside
      ? `The old Cluster is still there, but its data is not what it should be. Cluster \`${cluster}\` is made beside it, and the old one goes last.`
      : `Nothing is left of Cluster \`${name}\`, or nothing of the cluster that it ran in. It comes back under its own name.`,
    look: showArchive(plan),
    parameters: [
      ...(time === variable(TARGET_TIME.name) ? [TARGET_TIME] : []),
      ...(fromSnapshot && plan.snapshots !== undefined ? [snapshotParameter(plan.snapshots.name)] : []),
    ],
    steps: [
      ...(beside ? [] : [prepareOwnName(site, plan)]),
      {
        text: `Create the Cluster. It reads \`${archive.serverName}\` and archives under \`${archive.nextServerName}\`, since an archive must be empty when a Cluster starts.`,
        manifests,
        command: waitForCluster(namespace, cluster, patience(estimate)),
      },
      {
        text: 'Validate: every line must begin with `t`.',
        command: validate(plan, cluster, time ?? "$(date -u '+%Y-%m-%d %H:%M:%S+00')"),
      },
      {
        text: 'Take its first base backup: until then its archive can restore nothing.',
        manifests: firstBackup(site, plan, cluster),
        command: `kubectl wait backup/${firstBackupName(plan)} -n ${namespace} --for=jsonpath='{.status.phase}'=completed --timeout=${archive.baseBackups.deadline + 600}s`,
      },
      ...(beside ? switchSteps(plan, cluster) : ownNameSteps(plan)),
    ],
    ...estimate,
    worked: `Cluster \`${cluster}\` is ready, every check begins with \`t\`, and \`kubectl get cluster ${cluster} -n ${namespace} -o jsonpath='{.status.conditions[?(@.type=="ContinuousArchiving")].status}'\` says \`True\`.`,
    backOut: `remove what was recovered, with its claims, and before the next attempt what it has archived: an archive must be empty when a Cluster starts. Neither touches a backup of the old one. "recovery ended before configured recovery target was reached" means that nothing was written after the target: choose an earlier moment, or the end of the archive.`,
    backOutCommand: [removeCluster(namespace, cluster), storeAccess(site), removeArchive(site, plan)].join('\n'),
  };
}

/** Name of the Cluster that a database is recovered as. */
export function recoveredName({ name, archive }: DatabasePlan, as: RecoverAs): string {
  return as === RecoverAs.BESIDE ? archive.nextServerName : name;
}

function titleOf({ name }: DatabasePlan, { as, target, snapshotBackup }: DatabaseRecovery): string {
  const place = as === RecoverAs.BESIDE ? 'beside the old one' : 'under its own name';
  const end = Object.keys(target).length === 0 ? 'with everything that was archived' : 'to a moment';
  const source = snapshotBackup === undefined ? '' : ', from volume snapshots';
  return `Recover database ${name} ${place}, ${end}${source}`;
}

function prepareOwnName(site: RecoveryPlan, { name, namespace }: DatabasePlan): Step {
  const gitOps = site.argoCd
    ? 'Stop Argo CD from syncing the application with `database.k8s.yaml`: it would make an empty Cluster that cannot archive. '
    : '';
  return {
    text: `${gitOps}No Cluster of this name may be left; if one is, it is recovered beside it, or deleted first by whoever knows that it is worthless.`,
    // The label is on what belongs to a Cluster, and not on the Cluster.
    command: [
      `kubectl get cluster ${name} -n ${namespace} --ignore-not-found`,
      `kubectl get pods,persistentvolumeclaims -n ${namespace} -l cnpg.io/cluster=${name} --ignore-not-found`,
    ].join('\n'),
  };
}

function ownNameSteps(plan: DatabasePlan): Step[] {
  const generation = plan.archive.earlierServerNames.length + 2;
  return [
    {
      text: `Applications need their new password: Secret \`${plan.name}-app\` was made anew. Restart those that name it.`,
      command: whoUses(plan),
    },
    {
      text: `In the config give database \`${plan.name}\` \`generation: ${generation}\`, synthesise and commit. With the old generation, Git's manifest would have the Cluster archive into \`${plan.archive.serverName}\` again, over what is there.`,
    },
    adoptManifest(plan, plan.name),
  ];
}

function switchSteps(plan: DatabasePlan, cluster: string): Step[] {
  const { name, namespace, path } = plan;
  return [
    {
      text: `Point applications at Service \`${cluster}-rw\` and Secret \`${cluster}-app\`. These use the old ones:`,
      command: whoUses(plan),
    },
    {
      text: `In the config give database \`${name}\` \`name: '${cluster}'\` and \`path: '${path}'\`, and no \`generation\`, synthesise and commit: dumps, base backups and checks then follow the new Cluster.`,
    },
    adoptManifest(plan, cluster),
    {
      text: `Once nothing uses it, delete the old Cluster with its volumes. Its archive stays for ${plan.archive.retentionDays} days at least.`,
      command: removeCluster(namespace, name),
    },
  ];
}

/** A recovered Cluster says where it came from; Git's manifest says how it is made anew, and the webhook refuses both in one. */
function adoptManifest(plan: DatabasePlan, cluster: string): Step {
  const patch = [
    { op: 'replace', path: '/spec/bootstrap', value: bootstrapOf(plan) },
    { op: 'remove', path: '/spec/externalClusters' },
  ];
  return {
    text: "Only then let the GitOps controller sync. Before that, give the Cluster the `bootstrap` of Git's manifest, which is read only when a Cluster is made: server-side apply would add it to the one of the recovery, and be refused with `Only one bootstrap method can be specified at a time`.",
    command: `kubectl patch cluster ${cluster} -n ${plan.namespace} --type=json -p ${quote(JSON.stringify(patch))}`,
  };
}

function removeCluster(namespace: string, cluster: string): string {
  return guarded({
    what: `Cluster ${cluster} with its volumes`,
    name: cluster,
    command: `kubectl delete cluster ${cluster} -n ${namespace}`,
  });
}

/** What a recovered Cluster has archived, which is nothing that another one needs. */
function removeArchive({ storage }: RecoveryPlan, { path, archive }: DatabasePlan): string {
  const folder = `${path}/${archive.nextServerName}`;
  return guarded({
    what: `Archive ${folder} of the recovered Cluster`,
    name: folder,
    command: `rclone purge ${dialectOf(storage).rcloneRoot}/${folder}`,
  });
}

function whoUses({ name, namespace }: DatabasePlan): string {
  return [
    `for workload in $(kubectl get deployments,statefulsets,cronjobs -n ${namespace} -o name); do`,
    `  ! kubectl get "$workload" -n ${namespace} -o yaml | grep -q '${name}-\\(app\\|rw\\)' || echo "$workload"`,
    'done',
  ].join('\n');
}
