import { Construct } from 'constructs';
import { VolumeSnapshot } from '../../imports/snapshot.storage.k8s.io';
import type { GitOpsConfig, OneOffSnapshotConfig } from '../config';
import { DEFAULTS, Problems, validateOneOffSnapshot } from '../config';
import type { ObjectDefaults } from '../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { OneOffSnapshotPlan } from '../plan';
import { DisasterRecoveryError, planOneOffSnapshot } from '../plan';

/** A snapshot that is taken once, for use in a chart of your own. */
export interface OneOffSnapshotProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** Namespace of the claim, unless the snapshot names another. */
  readonly namespace: string;
  /** The snapshot. */
  readonly snapshot: OneOffSnapshotConfig;
  /**
   * What Argo CD may do.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
}

/**
 * A VolumeSnapshot that is taken when it is applied; no job removes it.
 * Throws `DisasterRecoveryError` with every problem.
 */
export class OneOffSnapshot extends Construct {
  public constructor(scope: Construct, id: string, props: OneOffSnapshotProps) {
    super(scope, id);
    const problems = new Problems();
    validateOneOffSnapshot(props.snapshot, 'snapshot', problems);
    if (problems.list().length > 0) {
      throw new DisasterRecoveryError(problems.list(), []);
    }
    const plan = planOneOffSnapshot(props.snapshot, props.namespace);
    const argoCd = props.gitOps?.argoCd ?? DEFAULTS.gitOps.argoCd;
    renderOneOffSnapshot(this, { site: props.site, namespace: plan.namespace, argoCd }, plan);
  }
}

/** Adds a planned snapshot to a scope. */
export function renderOneOffSnapshot(scope: Construct, defaults: ObjectDefaults, plan: OneOffSnapshotPlan): void {
  const { name, namespace, claim, snapshotClassName } = plan;
  new VolumeSnapshot(scope, `${namespace}-${name}`, {
    metadata: {
      name,
      namespace,
      labels: { ...labelsFor(defaults, 'one-off-snapshot', 'snapshot'), 'cdk8s-dr/tier': 'one-off' },
      annotations: argoAnnotations(defaults, SyncWave.STATEFUL, true),
    },
    spec: { volumeSnapshotClassName: snapshotClassName, source: { persistentVolumeClaimName: claim } },
  });
}
