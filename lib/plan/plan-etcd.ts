import type { Duration } from 'cdk8s';
import type { EtcdConfig } from '../config';
import { bytesOf, DEFAULTS, ETCD_IMAGE, formatSeconds, secondsOf } from '../config';
import type { Schedule } from '../schedule';
import { REGULAR_SCHEDULES } from '../schedule';
import type { Assumptions } from './assumptions';
import type { EtcdPlan } from './etcd-plan';
import { largestStreamSize, planEtcdStream, SAVE_RATE, SEAL_RATE } from './plan-etcd-stream';
import { planPrune } from './plan-prune';
import type { AssetSummary, ProtectionSummary, ScheduledRun } from './recovery-plan';
import { measuredOr } from './restore-estimate';
import { beforeNextRun, scheduledRun } from './scheduled-run';

const MIB = 1024 ** 2;

/** Below this, a CronJob (at most once a minute, and it may start late) cannot meet an RPO, and a snapshot stream is planned. */
const STREAM_BELOW = 120;

/** A run that follows another after minutes may start late by no more than this part of the interval. */
const LATE_PART = 5;

/** Seconds for a pod of five steps to start them. */
const POD_START = 20;

/** Seconds for a kubeadm control plane to come back after its etcd was restored. */
const CONTROL_PLANE_RESTART = 60;

/** Snapshot, its restore to scratch and its sealed copy, which replaces the snapshot, and room for the database to grow by a third. */
const WORKSPACE_COPIES = 4;

/** etcd allocates its log in files of 64 MiB (etcd server/storage/wal), and a restore makes one. */
const WORKSPACE_EXTRA = 256 * MIB;

/** Resolves the snapshots of etcd: every name, number and prefix that their manifests share. They cannot be removed for `immutable` seconds. */
export function planEtcd(etcd: EtcdConfig, assumptions: Assumptions, immutable: number): EtcdPlan {
  const defaults = DEFAULTS.etcd;
  const { retention, path = defaults.path } = etcd;
  const size = bytesOf(etcd.size ?? defaults.size);
  const rpo = secondsOf(etcd.objective.rpo);
  const stream =
    rpo < STREAM_BELOW
      ? planEtcdStream({ path, size, rpo, keepAtLeast: retention.keepAtLeast, immutable }, assumptions)
      : undefined;
  const pruneSchedule = etcd.pruneSchedule ?? (stream === undefined ? undefined : defaults.streamPruneSchedule);
  return {
    namespace: defaults.namespace,
    jobName: 'etcd-backup',
    serviceAccountName: 'etcd-backup-sa',
    image: etcd.image ?? ETCD_IMAGE.image,
    endpoint: 'https://127.0.0.1:2379',
    certificatesPath: '/etc/kubernetes/pki/etcd',
    localPath: '/var/etcd-backups',
    localCopies: etcd.localCopies ?? defaults.localCopies,
    members: (etcd.members ?? []).map(({ name, peerUrl }) => ({ name, peerUrl })),
    sizeBytes: size,
    tier: defaults.tier,
    prefix: `${path}/${defaults.tier}`,
    run: runOf(etcd.schedule ?? defaults.schedule, etcd.deadline, assumptions),
    runSeconds: Math.ceil(POD_START + (2 * size) / SAVE_RATE + size / SEAL_RATE + (2 * size) / assumptions.fetchRate),
    keepSeconds: secondsOf(retention.longest()),
    keepAtLeast: retention.keepAtLeast,
    workspaceBytes: WORKSPACE_COPIES * size + WORKSPACE_EXTRA,
    ...(stream === undefined ? {} : { stream }),
    prune: planPrune('etcd-backup-prune', pruneSchedule, assumptions, immutable),
  };
}

/** What etcd's snapshots guarantee; a short RPO adds a snapshot stream beside the scheduled ones. */
export function summarizeEtcd(etcd: EtcdConfig, plan: EtcdPlan, assumptions: Assumptions): AssetSummary {
  const { sizeBytes, run, stream } = plan;
  const rpo = secondsOf(etcd.objective.rpo);
  const restore = measuredOr(
    etcd.measuredRestore,
    [
      { name: 'fetch', seconds: sizeBytes / assumptions.fetchRate },
      { name: 'restore', seconds: sizeBytes / SAVE_RATE },
    ],
    assumptions,
    [{ name: 'restart', seconds: CONTROL_PLANE_RESTART }],
  );
  const protections: ProtectionSummary[] = [
    {
      protection: 'etcd snapshots',
      path: 'etcd.schedule',
      schedule: run.description,
      worstCaseLoss: run.worstCaseLoss,
      nearest: nearestSchedule(etcd, plan, rpo, assumptions),
      restore,
      retention: `${formatSeconds(plan.keepSeconds)}, at least ${plan.keepAtLeast}`,
    },
  ];
  if (stream !== undefined) {
    const largest = Math.floor(largestStreamSize(rpo, assumptions) / MIB);
    protections.unshift({
      protection: 'etcd snapshot stream',
      path: 'etcd.objective.rpo',
      schedule: `every ${stream.period} s`,
      worstCaseLoss: stream.worstCaseLoss,
      nearest: `a full snapshot takes ${stream.work} s; the objective can be met up to ${largest} Mi, or use ${formatSeconds(2 * stream.work)}`,
      restore,
      retention: `${formatSeconds(stream.keepSeconds)}, at least ${stream.keepAtLeast}`,
    });
  }
  return { asset: 'etcd', path: 'etcd', rpo, rto: secondsOf(etcd.objective.rto), protections };
}

/** Late start and deadline follow from a schedule here, so each one is planned to find the rarest that meets an objective. */
function nearestSchedule(etcd: EtcdConfig, plan: EtcdPlan, rpo: number, assumptions: Assumptions): string {
  const possible = REGULAR_SCHEDULES.map((schedule) => ({
    schedule,
    run: runOf(schedule, etcd.deadline, assumptions),
  })).filter(({ run }) => run.deadline >= plan.runSeconds && run.startDelay + run.deadline <= run.shortestGap);
  const nearest = possible.filter(({ run }) => run.worstCaseLoss <= rpo).pop();
  if (nearest !== undefined) {
    return `use a schedule that runs ${nearest.schedule.describe()} (${nearest.schedule.expression})`;
  }
  const smallest = Math.min(...possible.map(({ run }) => run.worstCaseLoss));
  return `no schedule meets it: the smallest objective of a schedule is ${formatSeconds(smallest)}, and below ${formatSeconds(STREAM_BELOW)} a snapshot stream is planned`;
}

/** The site's start delay would be as long as the whole interval here, and a late run would make the controller skip the next. */
function runOf(schedule: Schedule, deadline: Duration | undefined, assumptions: Assumptions): ScheduledRun {
  const startDelay = Math.min(assumptions.startDelay, Math.floor(schedule.shortestGap() / LATE_PART));
  const own = { ...assumptions, startDelay };
  const limit =
    deadline === undefined ? beforeNextRun(secondsOf(DEFAULTS.etcd.deadline), schedule, own) : secondsOf(deadline);
  return scheduledRun(schedule, false, limit, own);
}
