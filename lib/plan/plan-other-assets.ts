import type { VolumeConfig } from '../config';
import { DEFAULTS, formatSeconds, secondsOf } from '../config';
import { Schedule } from '../schedule';
import type { Assumptions } from './assumptions';
import type { AssetSummary, ProtectionSummary, RestoreEstimate } from './recovery-plan';
import { estimate } from './restore-estimate';
import { nearestSchedule, scheduledRun, scheduleForLoss } from './scheduled-run';

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

/** What the snapshots of a volume asset guarantee. */
export function summarizeVolumes(volume: VolumeConfig, path: string, assumptions: Assumptions): AssetSummary {
  const rpo = secondsOf(volume.objective.rpo);
  const summary = scheduled(
    {
      protection: 'volume snapshots',
      path: `${path}.schedule`,
      given: volume.schedule,
      rpo,
      deadline: secondsOf(volume.deadline ?? DEFAULTS.volumes.deadline),
      restore: estimate([{ name: 'volume', seconds: assumptions.snapshotRestore }], assumptions),
      retention: `${formatSeconds(secondsOf(volume.retention.longest()))}, at least ${volume.retention.keepAtLeast}`,
    },
    assumptions,
  );
  return { asset: `volumes ${volume.name}`, path, rpo, rto: secondsOf(volume.objective.rto), protections: [summary] };
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
