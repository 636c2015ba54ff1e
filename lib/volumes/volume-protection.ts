import { Construct } from 'constructs';
import type {
  AssumptionsConfig,
  GitOpsConfig,
  ImagesConfig,
  MonitoringConfig,
  NetworkConfig,
  ObjectStorage,
  SnapshotClassConfig,
  VolumeConfig,
} from '../config';
import { Encryption } from '../config';
import type { RecoveryPlan, VolumePlan } from '../plan';
import { planRecovery } from '../plan';
import { SnapshotJobs } from './snapshot-jobs';

/** Volumes and where the records of their snapshots go, for use in a chart of your own. */
export interface VolumeProtectionProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the claims, unless the volumes name another. */
  readonly namespace: string;
  /** The claims, and when their snapshots are taken. */
  readonly volume: VolumeConfig;
  /** Where records of the snapshots are stored. */
  readonly storage: ObjectStorage;
  /**
   * The class of the snapshots, so that its provider's limits are checked; a `SnapshotClass` generates it.
   * @default - a class that exists; limits are not checked
   */
  readonly snapshotClass?: SnapshotClassConfig;
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
 * Scheduled snapshots of volumes with a record of each in the store, and the pruning of old ones.
 * Throws `DisasterRecoveryError` when the config has problems or its objective cannot be met.
 */
export class VolumeProtection extends Construct {
  /** What was planned: losses, estimates, findings, and what must exist in the cluster. */
  public readonly plan: RecoveryPlan;

  public constructor(scope: Construct, id: string, props: VolumeProtectionProps) {
    super(scope, id);
    const { volume, snapshotClass, ...site } = props;
    this.plan = planRecovery({
      ...site,
      encryption: Encryption.none(),
      volumes: [volume],
      snapshotClasses: snapshotClass === undefined ? [] : [snapshotClass],
    });
    for (const planned of this.plan.volumes) {
      renderVolume(this, this.plan, planned);
    }
  }
}

/** Adds every object of a planned volume asset to a scope. */
export function renderVolume(scope: Construct, site: RecoveryPlan, plan: VolumePlan): void {
  new SnapshotJobs(scope, 'Snapshots', { site, plan });
}
