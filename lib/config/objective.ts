import type { Duration } from 'cdk8s';

/** What the business needs: how much work may be lost and how long a recovery may take. */
export interface Objective {
  /** Recovery point objective: the most work, in time, that may be lost. */
  readonly rpo: Duration;
  /** Recovery time objective: the longest time from the failure to a validated restore. */
  readonly rto: Duration;
}
