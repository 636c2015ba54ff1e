import type { Construct } from 'constructs';
import type { MonitoringPlan, RecoveryPlan } from '../../plan';
import { PodMonitors } from './pod-monitors';
import { Pushgateway } from './pushgateway';
import { ScrapeConfigFile } from './scrape-config-file';
import { scrapeTargets } from './scrape-targets';
import { SnapshotMetrics } from './snapshot-metrics';

/** Adds what makes metrics exist: where runs report, what Prometheus scrapes, and how kube-state-metrics sees snapshots. */
export function renderSignals(scope: Construct, site: RecoveryPlan, plan: MonitoringPlan): void {
  const defaults = { site: site.site, namespace: plan.namespace, argoCd: site.argoCd };
  if (plan.pushgateway !== undefined) {
    new Pushgateway(scope, 'Pushgateway', { defaults, pushgateway: plan.pushgateway, policies: site.network.policies });
  }
  const targets = scrapeTargets(plan);
  if (targets.length > 0) {
    const props = { defaults, targets, labels: plan.labels };
    plan.prometheusOperator
      ? new PodMonitors(scope, 'PodMonitors', props)
      : new ScrapeConfigFile(scope, 'ScrapeConfigs', props);
  }
  if (plan.snapshots.length > 0) {
    const { kubeStateMetrics } = plan;
    new SnapshotMetrics(scope, 'Snapshots', {
      defaults,
      ...(kubeStateMetrics === undefined ? {} : { kubeStateMetrics }),
    });
  }
}
