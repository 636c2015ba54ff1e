import type { MonitoringPlan, RecoveryPlan } from '../../lib';
import {
  CLUSTER_LABEL,
  DATABASE_METRICS,
  DRILL_METRICS,
  KUBE_METRICS,
  RUN_METRICS,
  SCRAPE_JOBS,
  SCRAPE_UP,
  SNAPSHOT_METRICS,
} from '../../lib';

type Labels = Readonly<Record<string, string>>;

/** A series whose value is known at any second; without a value the series does not exist then. */
export interface Series {
  readonly metric: string;
  readonly labels: Labels;
  readonly at: (second: number) => number | undefined;
}

const GIB = 1024 ** 3;

/** How many seconds runs take in this world. */
const TOOK = 60;

/** Everything that a monitored site reports while all is well, from the second at which it was installed. */
export function healthyWorld(plan: RecoveryPlan, installed: number = -10 * 86400): Series[] {
  const { monitoring } = plan;
  if (monitoring === undefined) {
    throw new Error('nothing is monitored');
  }
  const stream = plan.etcd?.stream;
  return [
    ...runs(monitoring, installed),
    ...cronJobs(plan, monitoring, installed),
    ...(stream === undefined ? [] : streamPod(stream.name, plan.etcd?.namespace ?? '')),
    ...copies(plan, installed),
    ...rehearsals(monitoring, installed),
    ...exporters(monitoring, installed),
    ...snapshots(monitoring, installed),
    series(SCRAPE_UP.name, { job: SCRAPE_JOBS.pushgateway }, () => 1),
  ];
}

/** Which series an event concerns: by a regular expression for the metric, and some labels. */
export interface Match {
  readonly metric: RegExp;
  readonly labels?: Labels;
}

/** A change of a series, from some time on. */
export type Change = (series: Series) => Series['at'];

/** The world with a change of some series; a match that finds none is a mistake. */
export function when(world: readonly Series[], match: Match, change: Change): Series[] {
  const concerned = (one: Series): boolean =>
    match.metric.test(one.metric) &&
    Object.entries(match.labels ?? {}).every(([name, value]) => one.labels[name] === value);
  if (!world.some(concerned)) {
    throw new Error(`no series is ${match.metric} ${JSON.stringify(match.labels)}`);
  }
  return world.map((one) => (concerned(one) ? { ...one, at: change(one) } : one));
}

/** Nothing new happens between two times. */
export const stops =
  (from: number, to: number = Number.POSITIVE_INFINITY): Change =>
  ({ at }) =>
  (second) =>
    at(second >= from && second < to ? from : second);

/** The series are not there between two times. */
export const gone =
  (from: number, to: number = Number.POSITIVE_INFINITY): Change =>
  ({ at }) =>
  (second) =>
    second >= from && second < to ? undefined : at(second);

/** The value is another one between two times. */
export const becomes =
  (value: number, from: number = 0, to: number = Number.POSITIVE_INFINITY): Change =>
  ({ at }) =>
  (second) =>
    second >= from && second < to ? value : at(second);

/** The world as two replicas of kube-state-metrics and two scrapes of everything else show it. */
export function twice(world: readonly Series[]): Series[] {
  return world.flatMap((one) => [one, { ...one, labels: { ...one.labels, instance: 'b', prometheus_replica: 'b' } }]);
}

/** A Job of a CronJob that failed for good, as long as the cluster keeps it. */
export function failedJob(namespace: string, cronJob: string, start: number, until: number): Series[] {
  const labels = { job: 'kube-state-metrics', instance: 'a', namespace, job_name: `${cronJob}-1` };
  const kept =
    (value: number): Series['at'] =>
    (second) =>
      second >= start && second < until ? value : undefined;
  return [
    series(KUBE_METRICS.jobStart.name, labels, kept(start)),
    series(KUBE_METRICS.jobFailed.name, { ...labels, condition: 'true' }, kept(1)),
    series(KUBE_METRICS.jobOwner.name, { ...labels, owner_kind: 'CronJob', owner_name: cronJob }, kept(1)),
  ];
}

const series = (metric: string, labels: Labels, at: Series['at']): Series => ({ metric, labels, at });

/** End of the newest run that began after the installation and is over; runs begin at multiples of their gap. */
function lastEnd(gap: number, installed: number, second: number): number | undefined {
  const began = Math.floor((second - TOOK) / gap) * gap;
  return began < installed ? undefined : began + TOOK;
}

function runs({ signals, verifications }: MonitoringPlan, installed: number): Series[] {
  return [
    ...signals.flatMap((signal) => {
      const { site, namespace, assetKind, asset, tier, run } = signal;
      const labels = { job: 'cdk8s-dr', site, namespace, asset_kind: assetKind, asset, tier };
      const end: Series['at'] = (second) =>
        signal.cronJob === undefined ? second - 10 : lastEnd(run.longestGap, installed, second);
      const once =
        (value: number): Series['at'] =>
        (second) =>
          end(second) === undefined ? undefined : value;
      return [
        series(RUN_METRICS.lastSuccess.name, labels, end),
        series(RUN_METRICS.duration.name, labels, once(Math.min(TOOK, run.deadline / 2))),
        series(RUN_METRICS.size.name, labels, once(GIB)),
      ];
    }),
    ...verifications.flatMap(({ site, namespace, assetKind, asset, run }) => {
      const labels = { job: 'cdk8s-dr', site, namespace, asset_kind: assetKind, asset };
      const end: Series['at'] = (second) => lastEnd(run.longestGap, installed, second);
      return [
        series(RUN_METRICS.verifyLastSuccess.name, labels, end),
        series(RUN_METRICS.verifyDuration.name, labels, (second) => (end(second) === undefined ? undefined : TOOK)),
      ];
    }),
  ];
}

function cronJobs(
  { replication }: RecoveryPlan,
  { signals, verifications, drills, prunes }: MonitoringPlan,
  installed: number,
): Series[] {
  const copies = replication === undefined ? [] : [{ ...replication, cronJob: replication.jobName }];
  const rehearsed = drills.map((drill) => ({ ...drill, namespace: drill.jobNamespace }));
  return [...signals, ...verifications, ...rehearsed, ...prunes, ...copies].flatMap(({ namespace, cronJob, run }) => {
    if (cronJob === undefined) {
      return [];
    }
    const labels = { job: 'kube-state-metrics', instance: 'a', namespace, cronjob: cronJob };
    const exists =
      (value: number): Series['at'] =>
      (second) =>
        second < installed ? undefined : value;
    return [
      series(KUBE_METRICS.cronJobInfo.name, { ...labels, schedule: 's' }, exists(1)),
      series(KUBE_METRICS.cronJobCreated.name, labels, exists(installed)),
      series(KUBE_METRICS.cronJobSuspended.name, labels, exists(0)),
      series(KUBE_METRICS.cronJobLastSuccess.name, labels, (second) => lastEnd(run.longestGap, installed, second)),
    ];
  });
}

/** Drills that restore within the time that they may. */
function rehearsals({ drills }: MonitoringPlan, installed: number): Series[] {
  return drills.flatMap(({ site, namespace, assetKind, asset, drill, run, rto, slowest }) => {
    const labels = { job: 'cdk8s-dr', site, namespace, asset_kind: assetKind, asset, drill };
    const end: Series['at'] = (second) => lastEnd(run.longestGap, installed, second);
    const once =
      (value: number): Series['at'] =>
      (second) =>
        end(second) === undefined ? undefined : value;
    const { lastRun, success, lastSuccess, restore, recovery } = DRILL_METRICS;
    return [
      ...[lastRun, lastSuccess].map(({ name }) => series(name, labels, end)),
      series(success.name, labels, once(1)),
      series(restore.name, labels, once(slowest / 4)),
      series(recovery.name, labels, once(slowest / 2)),
      series(DRILL_METRICS.rto.name, labels, once(rto)),
    ];
  });
}

/** A second copy that is complete after each run. */
function copies({ site, replication }: RecoveryPlan, installed: number): Series[] {
  if (replication === undefined) {
    return [];
  }
  const { namespace, targetName, run } = replication;
  const labels = { job: 'cdk8s-dr', site, namespace, target: targetName };
  const end: Series['at'] = (second) => lastEnd(run.longestGap, installed, second);
  return [series(RUN_METRICS.replicationLastSuccess.name, labels, end)];
}

function streamPod(statefulset: string, namespace: string): Series[] {
  const labels = { job: 'kube-state-metrics', instance: 'a', namespace, statefulset };
  return [KUBE_METRICS.statefulSetReplicas, KUBE_METRICS.statefulSetReady].map(({ name }) =>
    series(name, labels, () => 1),
  );
}

/** Three instances, of which the first is primary; all of them report the store, and only the primary the archiver. */
function exporters({ archives }: MonitoringPlan, installed: number): Series[] {
  return archives.flatMap(({ namespace, cluster, archiveTimeout, baseBackups }) =>
    ['1', '2', '3'].flatMap((ordinal) => {
      const labels = { namespace, pod: `${cluster}-${ordinal}`, [CLUSTER_LABEL]: cluster };
      const {
        lastArchived,
        lastArchiveFailure,
        walFiles,
        lastBaseBackup,
        lastBaseBackupFailure,
        firstRecoverabilityPoint,
      } = DATABASE_METRICS;
      const primary = [
        series(lastArchived.name, labels, (second) => Math.floor(second / archiveTimeout) * archiveTimeout),
        series(lastArchiveFailure.name, labels, () => -1),
      ];
      return [
        ...(ordinal === '1' ? primary : []),
        series(walFiles.name, { ...labels, value: 'ready' }, () => 0),
        series(lastBaseBackup.name, labels, (second) => lastEnd(baseBackups.longestGap, installed, second) ?? 0),
        series(lastBaseBackupFailure.name, labels, () => 0),
        series(firstRecoverabilityPoint.name, labels, () => 1),
      ];
    }),
  );
}

/** The newest snapshot of each claim; one is always on its way to being ready. */
function snapshots(plan: MonitoringPlan, installed: number): Series[] {
  return plan.snapshots.flatMap((signal) =>
    (signal.claims.length === 0 ? ['data-1'] : signal.claims).flatMap((claim) => {
      const labels = { ...signal.labels, claim, name: `${claim}-newest` };
      const end: Series['at'] = (second) => lastEnd(signal.run.longestGap, installed, second);
      return [
        series(SNAPSHOT_METRICS.created.name, labels, end),
        series(SNAPSHOT_METRICS.ready.name, labels, (second) => (end(second) === undefined ? undefined : 1)),
      ];
    }),
  );
}
