import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  Encryption,
  EtcdConfig,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
} from '../config';
import { DEFAULTS } from '../config';
import type { EtcdPlan, RecoveryPlan } from '../plan';
import { planRecovery } from '../plan';
import { SnapshotJobs } from './snapshot-jobs';
import { SnapshotStream } from './snapshot-stream';

/** How etcd is protected and where its snapshots go, for use in a chart of your own. */
export interface EtcdProtectionProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** What is guaranteed, and how. */
  readonly etcd: EtcdConfig;
  /** Where snapshots are stored. */
  readonly storage: ObjectStorage;
  /** How snapshots are sealed. */
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
   * @default - cluster DNS in kube-system, the store on TCP 443 anywhere
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
 * Scheduled, proven and sealed snapshots of etcd, in the store and on the node, the pruning of old ones, and for an RPO below two minutes
 * a snapshot stream. Throws `DisasterRecoveryError` when the config has problems, its objective cannot be met, or etcd is out of reach.
 */
export class EtcdProtection extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: EtcdProtectionProps) {
    super(scope, id);
    this.plan = planRecovery({ ...props, namespace: DEFAULTS.etcd.namespace });
    if (this.plan.etcd !== undefined) {
      renderEtcd(this, this.plan, this.plan.etcd);
    }
  }
}

/** Adds every object of etcd's planned protection to a scope. */
export function renderEtcd(scope: Construct, site: RecoveryPlan, plan: EtcdPlan): void {
  new SnapshotJobs(scope, 'Snapshots', { site, plan });
  if (plan.stream !== undefined) {
    new SnapshotStream(scope, 'Stream', { site, plan, stream: plan.stream });
  }
}
