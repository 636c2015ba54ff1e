/** How much a finding matters: an error stops synth, a warning is printed. */
export enum Severity {
  ERROR = 'error',
  WARNING = 'warning',
}

/** Something the plan found out about the config that a type cannot say. */
export interface Finding {
  /** Stable id of the check, e.g. `rpo-unmet`. */
  readonly rule: string;
  /** Whether it stops synth. */
  readonly severity: Severity;
  /** The asset, e.g. `database nextgen-postgres`. */
  readonly asset: string;
  /** Path of the setting in the config. */
  readonly path: string;
  /** What results. */
  readonly actual: string;
  /** What is required. */
  readonly limit: string;
  /** One sentence that says what is wrong. */
  readonly message: string;
  /** The nearest setting that works. */
  readonly fix: string;
}
