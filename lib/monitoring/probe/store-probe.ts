import { join } from 'node:path';
import type { Construct } from 'constructs';
import { RCLONE_IMAGE, TOOLS_IMAGE } from '../../config';
import { COMMON_SCRIPTS, FamilyJobs, PUSH_SCRIPTS, probeReport, RunSteps, SMALL_WORKSPACE } from '../../k8s';
import type { MonitoringPlan, ProbePlan, RecoveryPlan } from '../../plan';

/** Scripts of the probe. */
export const PROBE_SCRIPTS: readonly string[] = [
  ...COMMON_SCRIPTS,
  ...PUSH_SCRIPTS,
  ...['newest.sh', 'probe-store.sh'].map((name) => join(__dirname, '../scripts', name)),
];

/** Adds the CronJob that looks into the store: it may do nothing in the cluster, and lists only. */
export function renderProbe(scope: Construct, site: RecoveryPlan, monitoring: MonitoringPlan, plan: ProbePlan): void {
  const { namespace, cronJob, run, prefixes, answerWithin } = plan;
  const shared = new RunSteps({ ...site, toolsImage: { ...TOOLS_IMAGE, image: site.toolsImage } });
  new FamilyJobs(scope, 'Jobs', {
    defaults: { site: site.site, namespace, argoCd: site.argoCd },
    site,
    scriptsName: `${cronJob}-scripts`,
    scripts: PROBE_SCRIPTS,
    uid: RCLONE_IMAGE.uid,
    jobs: [
      {
        id: 'Probe',
        name: cronJob,
        component: 'monitoring',
        run,
        serviceAccountName: cronJob,
        steps: [
          shared.storeStep('probe', 'probe-store.sh', [
            { name: 'WATCHED', value: prefixes.map(({ kind, prefix }) => `${kind}:${prefix}`).join(' ') },
            { name: 'ANSWER_SECONDS', value: String(answerWithin) },
            ...probeReport(monitoring, plan),
          ]),
        ],
        workspaceBytes: SMALL_WORKSPACE,
      },
    ],
  });
}
