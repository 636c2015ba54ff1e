import type { DisasterRecoveryConfig, Objective } from '../config';
import { secondsOf } from '../config';
import { archiveFolder } from './archive-folder';
import type { EtcdPlan } from './etcd-plan';
import { SNAPSHOT_LABELS } from './metrics';
import type {
  ArchiveSignal,
  BackupSignal,
  PruneSignal,
  SnapshotSignal,
  VerificationSignal,
  WatchedRun,
} from './monitoring-plan';
import { AssetKind } from './monitoring-plan';
import type { Watched } from './plan-monitoring';
import type { PrunePlan, ScheduledRun } from './recovery-plan';

/** Everything whose runs report what they commit, strongest asset first. */
export function backupSignals(config: DisasterRecoveryConfig, watched: Watched): BackupSignal[] {
  const { site } = config;
  const { etcd, configuration } = watched;
  return [
    ...watched.databases.flatMap(({ name, namespace, dumps }, index) =>
      (dumps?.tiers ?? []).map((tier) => {
        const rpo = config.databases?.[index]?.dumps?.tiers[tier.index]?.rpo;
        return {
          site,
          namespace,
          assetKind: AssetKind.DATABASE,
          asset: name,
          tier: tier.name,
          cronJob: tier.jobName,
          prefix: tier.prefix,
          ...lossOf(tier.run, rpo === undefined ? undefined : secondsOf(rpo)),
          path: `databases[${index}].dumps.tiers[${tier.index}].schedule`,
        };
      }),
    ),
    ...watched.volumes.map((volume, index) => ({
      site,
      namespace: volume.namespace,
      assetKind: AssetKind.VOLUMES,
      asset: volume.name,
      tier: volume.labels['cdk8s-dr/tier'] ?? '',
      cronJob: volume.jobName,
      prefix: volume.prefix,
      ...lossOf(volume.run, volumeRpo(config, index)),
      path: `volumes[${index}].schedule`,
    })),
    ...(etcd === undefined ? [] : etcdSignals(config, etcd)),
    ...(configuration === undefined
      ? []
      : [
          {
            site,
            namespace: configuration.namespace,
            assetKind: AssetKind.CONFIGURATION,
            asset: AssetKind.CONFIGURATION,
            tier: configuration.tier,
            cronJob: configuration.jobName,
            prefix: configuration.prefix,
            ...lossOf(configuration.run, objectiveOf(config.configuration)),
            path: 'configuration.schedule',
          },
        ]),
  ];
}

/** Every job that proves backups by restoring them. */
export function verificationSignals({ site }: DisasterRecoveryConfig, { databases }: Watched): VerificationSignal[] {
  return databases.flatMap(({ name, namespace, dumps }, index) =>
    dumps === undefined
      ? []
      : [
          {
            site,
            namespace,
            assetKind: AssetKind.DATABASE,
            asset: name,
            cronJob: dumps.verification.jobName,
            run: watchedRun(dumps.verification.run),
            path: `databases[${index}].dumps.verification.schedule`,
          },
        ],
  );
}

/** Every job that removes what is expired. */
export function pruneSignals({ site }: DisasterRecoveryConfig, watched: Watched): PruneSignal[] {
  const { databases, volumes, etcd, configuration } = watched;
  const signal = (
    assetKind: AssetKind,
    asset: string,
    { namespace, prune }: { readonly namespace: string; readonly prune: PrunePlan },
    path: string,
  ): PruneSignal => ({
    site,
    namespace,
    assetKind,
    asset,
    cronJob: prune.jobName,
    run: watchedRun(prune.run),
    path: `${path}.pruneSchedule`,
  });
  return [
    ...databases.flatMap(({ name, namespace, dumps }, index) =>
      dumps === undefined
        ? []
        : [signal(AssetKind.DATABASE, name, { namespace, prune: dumps.prune }, `databases[${index}].dumps`)],
    ),
    ...volumes.map((volume, index) => signal(AssetKind.VOLUMES, volume.name, volume, `volumes[${index}]`)),
    ...(etcd === undefined ? [] : [signal(AssetKind.ETCD, AssetKind.ETCD, etcd, 'etcd')]),
    ...(configuration === undefined
      ? []
      : [signal(AssetKind.CONFIGURATION, AssetKind.CONFIGURATION, configuration, 'configuration')]),
  ];
}

/** The WAL archive of every Cluster. */
export function archiveSignals(config: DisasterRecoveryConfig, { databases }: Watched): ArchiveSignal[] {
  return databases.map(({ name, namespace, path, cluster, archive }, index) => ({
    site: config.site,
    namespace,
    cluster: name,
    instances: cluster.instances,
    walPrefix: archiveFolder(path, archive.serverName, 'wals'),
    archiveTimeout: archive.archiveTimeout,
    worstCaseLoss: archive.worstCaseLoss,
    rpo: objectiveOf(config.databases?.[index]) ?? archive.worstCaseLoss,
    baseBackups: watchedRun(archive.baseBackups),
    path: `databases[${index}]`,
  }));
}

/** Everything that takes volume snapshots: jobs, and CloudNativePG of its own volumes. */
export function snapshotSignals(config: DisasterRecoveryConfig, { databases, volumes }: Watched): SnapshotSignal[] {
  const { site } = config;
  return [
    ...databases.flatMap(({ name, namespace, snapshots }, index) =>
      snapshots === undefined
        ? []
        : [
            {
              site,
              namespace,
              assetKind: AssetKind.DATABASE,
              asset: name,
              labels: { [SNAPSHOT_LABELS.namespace]: namespace, [SNAPSHOT_LABELS.cluster]: name },
              claims: [],
              ...lossOf(snapshots.run, undefined),
              path: `databases[${index}].snapshots.schedule`,
            },
          ],
    ),
    ...volumes.map((volume, index) => ({
      site,
      namespace: volume.namespace,
      assetKind: AssetKind.VOLUMES,
      asset: volume.name,
      labels: {
        [SNAPSHOT_LABELS.namespace]: volume.namespace,
        [SNAPSHOT_LABELS.partOf]: volume.labels['app.kubernetes.io/part-of'] ?? '',
        [SNAPSHOT_LABELS.asset]: volume.labels['cdk8s-dr/asset'] ?? '',
        [SNAPSHOT_LABELS.tier]: volume.labels['cdk8s-dr/tier'] ?? '',
      },
      claims: [...volume.claims],
      ...lossOf(volume.run, volumeRpo(config, index)),
      path: `volumes[${index}].schedule`,
    })),
  ];
}

/** With a stream, it is the stream that meets the objective; the scheduled snapshots go further back. */
function etcdSignals(config: DisasterRecoveryConfig, etcd: EtcdPlan): BackupSignal[] {
  const { namespace, stream, run } = etcd;
  const common = { site: config.site, namespace, assetKind: AssetKind.ETCD, asset: AssetKind.ETCD };
  const rpo = objectiveOf(config.etcd);
  const scheduled: BackupSignal = {
    ...common,
    tier: etcd.tier,
    cronJob: etcd.jobName,
    prefix: etcd.prefix,
    ...lossOf(run, stream === undefined ? rpo : undefined),
    path: 'etcd.schedule',
  };
  if (stream === undefined) {
    return [scheduled];
  }
  const watched: WatchedRun = {
    description: `every ${stream.period} s`,
    longestGap: stream.period,
    startDelay: 0,
    deadline: stream.stepDeadline,
    toleratedFailedRuns: 0,
    worstCaseLoss: stream.worstCaseLoss,
  };
  return [
    scheduled,
    { ...common, tier: stream.tier, prefix: stream.prefix, ...lossOf(watched, rpo), path: 'etcd.objective.rpo' },
  ];
}

function lossOf(run: WatchedRun, rpo: number | undefined): Pick<BackupSignal, 'run' | 'worstCaseLoss' | 'rpo'> {
  return { run: watchedRun(run), worstCaseLoss: run.worstCaseLoss, ...(rpo === undefined ? {} : { rpo }) };
}

/** What monitoring knows of when something runs. */
export function watchedRun(run: ScheduledRun | WatchedRun): WatchedRun {
  const { description, longestGap, startDelay, deadline, toleratedFailedRuns, worstCaseLoss } = run;
  return { description, longestGap, startDelay, deadline, toleratedFailedRuns, worstCaseLoss };
}

function volumeRpo(config: DisasterRecoveryConfig, index: number): number | undefined {
  return objectiveOf(config.volumes?.[index]);
}

function objectiveOf(asset: { readonly objective: Objective } | undefined): number | undefined {
  return asset === undefined ? undefined : secondsOf(asset.objective.rpo);
}
