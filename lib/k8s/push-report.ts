import type { DrillPlan, Metric, MonitoringPlan, RecoveryPlan, ReplicationPlan } from '../plan';
import { assetLabels, backupLabels, DRILL_METRICS, drillLabels, PUSH_JOB, RUN_METRICS } from '../plan';
import type { EnvironmentVariable } from '../storage';

/** Variable that tells a step where to report. */
export const PUSH_URL = 'PUSH_URL';

/** What the script fills in. */
const FINISHED = '@finished@';
const SECONDS = '@seconds@';
const BYTES = '@bytes@';
const RECOVERY = '@recovery@';

/** A metric and what is reported of it: a number, or what the script fills in. */
type Reported = readonly [Metric, string];

/** Which runs report: those of a CronJob, or those of a tier that has none. */
export interface Reporter {
  readonly namespace: string;
  readonly cronJob?: string;
  readonly tier?: string;
}

/** Tells the step that commits a backup what to report and where; nothing where the site has no monitoring. */
export function backupReport({ monitoring }: RecoveryPlan, reporter: Reporter): EnvironmentVariable[] {
  const signal = monitoring?.signals.find(
    ({ namespace, cronJob, tier }) =>
      namespace === reporter.namespace &&
      cronJob === reporter.cronJob &&
      (reporter.tier === undefined || tier === reporter.tier),
  );
  if (monitoring === undefined || signal === undefined) {
    return [];
  }
  return report(monitoring, backupLabels(signal), [
    [RUN_METRICS.lastSuccess, FINISHED],
    [RUN_METRICS.duration, SECONDS],
    [RUN_METRICS.size, BYTES],
    [RUN_METRICS.expectedInterval, String(signal.run.longestGap)],
  ]);
}

/** Tells the step that concludes a verification what to report and where. */
export function verificationReport({ monitoring }: RecoveryPlan, reporter: Reporter): EnvironmentVariable[] {
  const signal = monitoring?.verifications.find(
    ({ namespace, cronJob }) => namespace === reporter.namespace && cronJob === reporter.cronJob,
  );
  if (monitoring === undefined || signal === undefined) {
    return [];
  }
  return report(monitoring, assetLabels(signal), [
    [RUN_METRICS.verifyLastSuccess, FINISHED],
    [RUN_METRICS.verifyDuration, SECONDS],
  ]);
}

/** Tells the step that completes the second copy what to report and where. */
export function replicationReport({ monitoring, site }: RecoveryPlan, plan: ReplicationPlan): EnvironmentVariable[] {
  if (monitoring === undefined) {
    return [];
  }
  return report(monitoring, { site, namespace: plan.namespace, target: plan.targetName }, [
    [RUN_METRICS.replicationLastSuccess, FINISHED],
    [RUN_METRICS.replicationDuration, SECONDS],
  ]);
}

/** Tells the step that stores the report of a drill what to report and where, of a restore that was completed and of one that was not. */
export function drillReport({ monitoring }: RecoveryPlan, plan: DrillPlan): EnvironmentVariable[] {
  const signal = monitoring?.drills.find(
    ({ jobNamespace, cronJob }) => jobNamespace === plan.namespace && cronJob === plan.jobName,
  );
  if (monitoring === undefined || signal === undefined) {
    return [];
  }
  const ended: Reported = [DRILL_METRICS.lastRun, FINISHED];
  return [
    ...report(monitoring, drillLabels(signal), [
      ended,
      [DRILL_METRICS.success, '1'],
      [DRILL_METRICS.lastSuccess, FINISHED],
      [DRILL_METRICS.restore, SECONDS],
      [DRILL_METRICS.recovery, RECOVERY],
      [DRILL_METRICS.rto, String(plan.rto)],
    ]),
    { name: 'PUSH_FAILURE', value: exposition([ended, [DRILL_METRICS.success, '0']]) },
  ];
}

/** The Pushgateway refuses a metric whose type or help differs from what others pushed, so all come from one list. */
function report(
  { pushUrl }: MonitoringPlan,
  labels: Record<string, string>,
  metrics: readonly Reported[],
): EnvironmentVariable[] {
  const group = Object.entries({ job: PUSH_JOB, ...labels }).flat();
  return [
    { name: PUSH_URL, value: `${pushUrl}/metrics/${group.join('/')}` },
    { name: 'PUSH_REPORT', value: exposition(metrics) },
  ];
}

/** Metrics in the text format of Prometheus. */
function exposition(metrics: readonly Reported[]): string {
  return metrics
    .flatMap(([{ name, help }, value]) => [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`])
    .join('\n');
}
