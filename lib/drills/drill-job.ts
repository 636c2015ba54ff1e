import { join } from 'node:path';
import type { Construct } from 'constructs';
import { formatSeconds } from '../config';
import type { FamilyConfigMap, FamilyJob, ObjectDefaults, RunSteps, Step } from '../k8s';
import { drillReport, FamilyJobs, PUSH_SCRIPTS, REPORT_SCRIPTS } from '../k8s';
import type { DrillPlan, RecoveryPlan } from '../plan';

const REPORT_SCRIPT = 'drill-report.sh';

/** Scripts of every drill. */
export const DRILL_SCRIPTS: readonly string[] = [
  ...REPORT_SCRIPTS,
  ...PUSH_SCRIPTS,
  ...[REPORT_SCRIPT, 'drill-forms.sh', 'drill-step.sh'].map((name) => join(__dirname, 'scripts', name)),
];

/** One drill with what it restores. */
export interface DrillJobProps {
  readonly site: RecoveryPlan;
  readonly plan: DrillPlan;
  /** Absolute paths of the scripts of its steps. */
  readonly scripts: readonly string[];
  /**
   * A step that goes on beside all others.
   * @default - none
   */
  readonly background?: Step;
  /** The steps that restore and check, in their order. */
  readonly steps: readonly Step[];
  /**
   * Removes what the steps have made outside the pod, also when one of them failed.
   * @default - nothing to remove
   */
  readonly cleanUp?: Step;
  /** Builds the step that stores the report. */
  readonly shared: RunSteps;
  readonly configMaps?: FamilyConfigMap[];
  /** What differs from a job that runs in a pod of its own and talks to the store only. */
  readonly job?: Partial<FamilyJob>;
}

/** Adds the CronJob of a drill: its steps, each of which writes down its time and its failure, and the report as the last. */
export function addDrillJob(scope: Construct, props: DrillJobProps): void {
  const { site, plan, shared } = props;
  const defaults: ObjectDefaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  new FamilyJobs(scope, 'Jobs', {
    defaults,
    site,
    scriptsName: `${plan.jobName}-scripts`,
    scripts: [...props.scripts, ...DRILL_SCRIPTS],
    ...(props.configMaps === undefined ? {} : { configMaps: props.configMaps }),
    uid: shared.uid,
    jobs: [
      {
        id: 'Drill',
        name: plan.jobName,
        component: 'drill',
        run: plan.run,
        serviceAccountName: plan.jobName,
        steps: [
          ...(props.background === undefined ? [] : [props.background]),
          ...props.steps.map((step) => rehearsed(step, plan)),
          ...(props.cleanUp === undefined ? [] : [props.cleanUp]),
          reportStep(site, shared, plan),
        ],
        workspaceBytes: plan.workspaceBytes,
        // What a drill finds is an answer; another pod would only hide it.
        retries: 0,
        ...props.job,
      },
    ],
  });
}

/** A step without a script, in an image without a shell, cannot be wrapped: its failure ends the pod. */
function rehearsed(step: Step, { seconds }: DrillPlan): Step {
  const { script } = step;
  if (script === undefined || script === REPORT_SCRIPT) {
    return step;
  }
  return {
    ...step,
    script: 'drill-step.sh',
    environment: [
      { name: 'DRILL_SECONDS', value: String(seconds) },
      { name: 'STEP', value: step.name },
      { name: 'STEP_SCRIPT', value: script },
      ...step.environment,
    ],
  };
}

/** Stores the report and ends the drill; with `onlyFailure` it does so only when a step has failed, for steps after it that no shell can skip. */
export function reportStep(site: RecoveryPlan, shared: RunSteps, plan: DrillPlan, onlyFailure: boolean = false): Step {
  const { assumed } = plan;
  return shared.reportDrill([
    { name: 'KEY_PREFIX', value: plan.reportPrefix },
    { name: 'DRILL', value: plan.kind },
    { name: 'DRILL_TITLE', value: plan.title },
    { name: 'ASSET', value: plan.asset },
    {
      name: 'ASSUMED_PARTS',
      value: assumed.map(({ name, seconds }) => `${name} ${formatSeconds(seconds)}`).join(', ') || 'nothing',
    },
    { name: 'ASSUMED_SECONDS', value: String(assumed.reduce((sum, { seconds }) => sum + seconds, 0)) },
    { name: 'PLANNED_SECONDS', value: String(plan.planned) },
    { name: 'RTO_SECONDS', value: String(plan.rto) },
    { name: 'LIMIT_SECONDS', value: String(plan.limit) },
    { name: 'ONLY_FAILURE', value: String(onlyFailure) },
    ...drillReport(site, plan),
  ]);
}
