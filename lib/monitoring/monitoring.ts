import { Construct } from 'constructs';
import type { DisasterRecoveryConfig } from '../config';
import type { MonitoringPlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { renderDashboard } from './dashboard';
import { renderProbe } from './probe';
import { renderRules } from './rules';
import { renderSignals } from './signals';

/** Everything that is watched, for its monitoring in a chart of your own. */
export interface MonitoringProps {
  /** The config of the site: what is watched follows from everything in it. */
  readonly config: DisasterRecoveryConfig;
}

/**
 * Where runs report, a job that looks into the store, how Prometheus finds both, what it alerts on, and a dashboard.
 * Throws `DisasterRecoveryError` when the config has problems.
 */
export class Monitoring extends Construct {
  /** What was planned: what is watched, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { config } = props;
    this.plan = planRecovery({ ...config, monitoring: config.monitoring ?? {} });
    if (this.plan.monitoring !== undefined) {
      renderMonitoring(this, this.plan, this.plan.monitoring);
    }
  }
}

/** Adds every object of planned monitoring to a scope. */
export function renderMonitoring(scope: Construct, site: RecoveryPlan, plan: MonitoringPlan): void {
  renderSignals(new Construct(scope, 'Signals'), site, plan);
  if (plan.probe !== undefined) {
    renderProbe(new Construct(scope, 'Probe'), site, plan, plan.probe);
  }
  renderRules(new Construct(scope, 'Rules'), site, plan);
  renderDashboard(new Construct(scope, 'Dashboard'), site, plan);
}
