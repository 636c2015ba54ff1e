import { nextgen } from '../../../app';
import { PUSH_JOB, type PushgatewayPlan } from '../../../lib';
import { RULES_FILE } from '../../../lib/monitoring/rules/rules';
import { find } from '../../support/render';
import { overridden } from '../overrides';
import { KUBE_STATE_METRICS, KubeStateMetrics } from '../support/kube-state-metrics';
import { Prometheus } from '../support/prometheus';
import { objectsOf, siteOf } from '../support/site';

const HOME = nextgen.namespace;

const running = overridden.nextgen(nextgen);

/** As it runs, for a Prometheus without the operator, which can be had here, and a kube-state-metrics that is given its right. */
export const MONITORED = siteOf({
  ...running,
  // Alerts are judged by the reference config's objective, which a busy machine meets.
  etcd: running.etcd && nextgen.etcd && { ...running.etcd, objective: nextgen.etcd.objective },
  monitoring: {
    ...running.monitoring,
    prometheusOperator: false,
    kubeStateMetrics: { namespace: HOME, serviceAccountName: KUBE_STATE_METRICS },
  },
});

/** What is watched of it. */
export const MONITORING = planned(MONITORED.plan.monitoring);

/** The generated Pushgateway. */
export const PUSHGATEWAY: PushgatewayPlan = planned(MONITORING.pushgateway);

const RULES = `${MONITORED.plan.site}-backup-rules`;

/** Text of the generated rules file. */
export const RULES_TEXT = String(find(objectsOf(MONITORED), 'ConfigMap', RULES).data[RULES_FILE]);

/** Prometheus with the generated files. */
export const prometheus = new Prometheus(HOME, { scrapeConfigs: 'backup-scrape-configs', rules: RULES });

/** kube-state-metrics with the generated config. */
export const kubeStateMetrics = new KubeStateMetrics(HOME);

/** A selector of what runs pushed. */
export function pushed(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries({ job: PUSH_JOB, ...labels });
  return `{${all.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}

/** What the reference config plans. */
export function planned<Plan>(plan: Plan | undefined): Plan {
  if (plan === undefined) {
    throw new Error('the reference config plans monitoring with a Pushgateway and a probe, and rehearses a restore');
  }
  return plan;
}
