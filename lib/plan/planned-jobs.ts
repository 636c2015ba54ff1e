import type { DisasterRecoveryConfig } from '../config';
import { DEFAULTS } from '../config';
import type { NamedJob } from './checks';
import type { DrillsPlan } from './drill-plan';
import { allDrills } from './drill-plan';
import type { Watched } from './plan-monitoring';
import type { ReplicationPlan } from './replication-plan';
import { backupSignals, pruneSignals, verificationSignals } from './signals';

/** The jobs that back up, prove, remove and copy. */
export function backupJobs(
  config: DisasterRecoveryConfig,
  planned: Watched & { readonly replication?: ReplicationPlan },
): NamedJob[] {
  const { replication } = planned;
  const jobs = [
    ...backupSignals(config, planned),
    ...verificationSignals(config, planned),
    ...pruneSignals(config, planned),
    ...(replication === undefined
      ? []
      : [{ namespace: replication.namespace, cronJob: replication.jobName, path: 'replication' }]),
  ];
  return jobs.flatMap(({ namespace, cronJob, path }) => (cronJob === undefined ? [] : [{ namespace, cronJob, path }]));
}

/** The jobs that rehearse a restore, and the one that looks into the store. */
export function watchingJobs({ namespace, monitoring }: DisasterRecoveryConfig, drills: DrillsPlan): NamedJob[] {
  const looks = monitoring !== undefined && monitoring.storeProbe?.enabled !== false;
  const { cronJob } = DEFAULTS.monitoring.storeProbe;
  return [
    ...allDrills(drills).map((drill) => ({ namespace: drill.namespace, cronJob: drill.jobName, path: drill.path })),
    ...(looks ? [{ namespace, cronJob, path: 'monitoring.storeProbe' }] : []),
  ];
}
