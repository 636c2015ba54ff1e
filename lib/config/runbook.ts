import type { Duration } from 'cdk8s';

/** The runbook, and how often people do what no machine does. */
export interface RunbookConfig {
  /**
   * Namespace of the ConfigMaps with the runbook and with the plan.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /**
   * Whom to call, one line each, e.g. `Database team: +49 30 1234567`; printed at the top.
   * @default - none; the checklist says so
   */
  readonly contacts?: string[];
  /**
   * How often somebody recovers a database from its archive, and compares the time with the objective.
   * @default Duration.days(30)
   */
  readonly validationInterval?: Duration;
  /**
   * How often everybody on call recovers something with the runbook.
   * @default Duration.days(182)
   */
  readonly trainingInterval?: Duration;
  /**
   * How often a failover is rehearsed.
   * @default Duration.days(91)
   */
  readonly failoverInterval?: Duration;
}
