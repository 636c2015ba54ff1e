import type { EtcdConfig } from '../config';
import { bytesOf, DEFAULTS, formatSeconds, secondsOf } from '../config';
import { Schedule } from '../schedule';
import type { Assumptions } from './assumptions';
import type { AssetSummary, ProtectionSummary, RestoreEstimate } from './recovery-plan';
import { estimate } from './restore-estimate';
import { nearestSchedule, scheduledRun, scheduleForLoss } from './scheduled-run';

const MIB = 1024 ** 2;

/** Below this, a CronJob (at most once a minute, and it may start late) cannot meet an RPO, and a snapshot stream is planned. */
const STREAM_BELOW = 120;

/** What `etcdctl snapshot save` and sealing read per second; shipping goes at the site's fetch rate. */
const ETCD_SAVE_RATE = 200 * MIB;

/** Periods that a snapshot stream may have, in seconds. */
const STREAM_PERIODS = [5, 10, 15, 20, 30, 45, 60];

/** Seconds for a kubeadm control plane to come back after its etcd was restored. */
const CONTROL_PLANE_RESTART = 60;

/** Stands in where no schedule meets the objective, which is then reported. */
const UNREACHABLE = Schedule.everyMinutes(5);

/** A protection on a schedule of its own that meets the objective alone. */
interface ScheduledProtection {
  readonly protection: string;
  readonly path: string;
  readonly given: Schedule | undefined;
  readonly rpo: number;
  readonly deadline: number;
  readonly restore: RestoreEstimate;
  readonly retention: string;
}

/** What etcd's snapshots guarantee; a short RPO adds a snapshot stream beside the scheduled ones. */
export function summarizeEtcd(etcd: EtcdConfig, assumptions: Assumptions): AssetSummary {
  const size = bytesOf(etcd.size ?? DEFAULTS.etcd.size);
  const rpo = secondsOf(etcd.objective.rpo);
  const restore = estimate(
    [
      { name: 'fetch', seconds: size / assumptions.fetchRate },
      { name: 'restore', seconds: size / ETCD_SAVE_RATE },
      { name: 'restart', seconds: CONTROL_PLANE_RESTART },
    ],
    assumptions,
  );
  const retention = formatSeconds(secondsOf(etcd.retention.longest()));
  const scheduledSummary = scheduled(
    {
      protection: 'etcd snapshots',
      path: 'etcd.schedule',
      given: etcd.schedule ?? DEFAULTS.etcd.schedule,
      rpo,
      deadline: secondsOf(DEFAULTS.etcd.deadline),
      restore,
      retention,
    },
    assumptions,
  );
  const stream = rpo < STREAM_BELOW ? [etcdStream(size, rpo, restore, assumptions)] : [];
  return {
    asset: 'etcd',
    path: 'etcd',
    rpo,
    rto: secondsOf(etcd.objective.rto),
    protections: [...stream, scheduledSummary],
  };
}

function scheduled(protection: ScheduledProtection, assumptions: Assumptions): ProtectionSummary {
  const { rpo, deadline, given } = protection;
  const schedule = given ?? scheduleForLoss(rpo, deadline, assumptions) ?? UNREACHABLE;
  const run = scheduledRun(schedule, given === undefined, deadline, assumptions);
  return {
    protection: protection.protection,
    path: protection.path,
    schedule: run.description,
    worstCaseLoss: run.worstCaseLoss,
    nearest: nearestSchedule(rpo, deadline, assumptions),
    restore: protection.restore,
    retention: protection.retention,
  };
}

function etcdStream(size: number, rpo: number, restore: RestoreEstimate, assumptions: Assumptions): ProtectionSummary {
  const work = Math.ceil((2 * size) / ETCD_SAVE_RATE + size / assumptions.fetchRate);
  const period = STREAM_PERIODS.filter((seconds) => seconds >= work && seconds + work <= rpo).pop() ?? work;
  const largest = Math.floor(rpo / 2 / (2 / ETCD_SAVE_RATE + 1 / assumptions.fetchRate) / MIB);
  return {
    protection: 'etcd snapshot stream',
    path: 'etcd.objective.rpo',
    schedule: `every ${period} s`,
    worstCaseLoss: period + work,
    nearest: `a full snapshot takes ${work} s; the objective can be met up to ${largest} Mi, or use ${formatSeconds(2 * work)}`,
    restore,
    retention: '1h',
  };
}
