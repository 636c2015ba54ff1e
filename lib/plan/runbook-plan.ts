/** The resolved plan of the runbook. */
export interface RunbookPlan {
  /** Name of the ConfigMap with the runbook. */
  readonly name: string;
  /** Name of the ConfigMap with this plan. */
  readonly planName: string;
  /** Namespace of both. */
  readonly namespace: string;
  /** Whom to call. */
  readonly contacts: readonly string[];
  /** Days between two recoveries whose time is compared with the objective. */
  readonly validationDays: number;
  /** Days between two trainings. */
  readonly trainingDays: number;
  /** Days between two rehearsed failovers. */
  readonly failoverDays: number;
}
