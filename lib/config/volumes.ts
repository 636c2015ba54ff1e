import type { Duration, Size } from 'cdk8s';
import type { Schedule } from '../schedule';
import type { Objective } from './objective';
import type { Retention } from './retention';

/** PersistentVolumeClaims that are protected by CSI snapshots under one objective. */
export interface VolumeConfig {
  /** Name of the asset, part of object names. */
  readonly name: string;
  /**
   * Namespace of the claims.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /** The objective that the snapshots must meet. */
  readonly objective: Objective;
  /** Names of the claims. */
  readonly claims: string[];
  /** Largest claim's data size, for the restore estimate. */
  readonly size: Size;
  /** VolumeSnapshotClass of the snapshots. */
  readonly snapshotClassName: string;
  /**
   * When snapshots are taken.
   * @default - the largest regular interval that meets the RPO
   */
  readonly schedule?: Schedule;
  /** How long snapshots are kept. */
  readonly retention: Retention;
  /**
   * Time in which a snapshot must become ready.
   * @default Duration.minutes(5)
   */
  readonly deadline?: Duration;
}
