import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  ClusterObjectsConfig,
  Encryption,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
} from '../config';
import type { ConfigurationPlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { ExportJobs } from './export-jobs';

/** Which cluster objects are exported and where they go, for use in a chart of your own. */
export interface ConfigurationProtectionProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the jobs, unless the configuration names another. */
  readonly namespace: string;
  /** What is exported, and when. */
  readonly configuration: ClusterObjectsConfig;
  /** Where exports are stored. */
  readonly storage: ObjectStorage;
  /** How exports are sealed. */
  readonly encryption: Encryption;
  /**
   * Images of the job steps.
   * @default - the tested images
   */
  readonly images?: ImagesConfig;
  /**
   * What Argo CD may do.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
  /**
   * How jobs reach their peers.
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere, the API server on TCP 443 and 6443
   */
  readonly network?: NetworkConfig;
  /**
   * Where its runs report; a `Monitoring` construct generates what takes the reports.
   * @default - runs report nothing
   */
  readonly monitoring?: MonitoringConfig;
  /**
   * Inputs of the estimates.
   * @default - see `lib/config/defaults.ts`
   */
  readonly assumptions?: AssumptionsConfig;
}

/**
 * A scheduled, sealed export of cluster objects that can be restored with stock tools, and the pruning of old exports.
 * Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class ConfigurationProtection extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: ConfigurationProtectionProps) {
    super(scope, id);
    this.plan = planRecovery(props);
    if (this.plan.configuration !== undefined) {
      renderConfiguration(this, this.plan, this.plan.configuration);
    }
  }
}

/** Adds every object of a planned export to a scope. */
export function renderConfiguration(scope: Construct, site: RecoveryPlan, plan: ConfigurationPlan): void {
  new ExportJobs(scope, 'Exports', { site, plan });
}
