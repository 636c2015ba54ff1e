import { Construct } from 'constructs';
import { VolumeSnapshotClass, type VolumeSnapshotClassDeletionPolicy } from '../../imports/snapshot.storage.k8s.io';
import type { GitOpsConfig, SnapshotClassConfig } from '../config';
import { DEFAULTS, Problems, validateSnapshotClass } from '../config';
import type { ObjectDefaults } from '../k8s';
import { argoAnnotations, labelsFor, SyncWave } from '../k8s';
import type { SnapshotClassPlan } from '../plan';
import { DisasterRecoveryError, planSnapshotClass } from '../plan';

const DEFAULT_CLASS = 'snapshot.storage.kubernetes.io/is-default-class';

/** A VolumeSnapshotClass, for use in a chart of your own. */
export interface SnapshotClassProps {
  /** Name of the site, part of labels. */
  readonly site: string;
  /** The class. */
  readonly snapshotClass: SnapshotClassConfig;
  /**
   * What Argo CD may do.
   * @default - annotated for Argo CD
   */
  readonly gitOps?: GitOpsConfig;
}

/**
 * A VolumeSnapshotClass whose parameters its driver accepts.
 * Throws `DisasterRecoveryError` with every problem.
 */
export class SnapshotClass extends Construct {
  public constructor(scope: Construct, id: string, props: SnapshotClassProps) {
    super(scope, id);
    const problems = new Problems();
    validateSnapshotClass(props.snapshotClass, 'snapshotClass', problems);
    if (problems.list().length > 0) {
      throw new DisasterRecoveryError(problems.list(), []);
    }
    const argoCd = props.gitOps?.argoCd ?? DEFAULTS.gitOps.argoCd;
    renderSnapshotClass(this, { site: props.site, namespace: '', argoCd }, planSnapshotClass(props.snapshotClass));
  }
}

/** Adds a planned class to a scope. */
export function renderSnapshotClass(scope: Construct, defaults: ObjectDefaults, plan: SnapshotClassPlan): void {
  const { name, driver, deletionPolicy, parameters, isDefault } = plan;
  const annotations = {
    ...argoAnnotations(defaults, SyncWave.PREREQUISITE, true),
    ...(isDefault ? { [DEFAULT_CLASS]: 'true' } : {}),
  };
  new VolumeSnapshotClass(scope, name, {
    metadata: { name, labels: labelsFor(defaults, 'snapshot-class', 'snapshot-class'), annotations },
    driver,
    deletionPolicy: deletionPolicy as string as VolumeSnapshotClassDeletionPolicy,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: { ...parameters } }),
  });
}
