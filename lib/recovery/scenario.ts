import type { Procedure, Step } from './procedure';

/** What happened, and which way back fits. */
export interface Scenario {
  readonly title: string;
  /** What somebody sees. */
  readonly symptom: string;
  /** How to decide, one case a line. */
  readonly decision: readonly string[];
  /** What is done here; procedures have the rest. */
  readonly steps: readonly Step[];
  /** The procedures that it leads to. */
  readonly procedures: readonly Procedure[];
  readonly worked: string;
  readonly backOut: string;
  /** Shell lines of the back-out. */
  readonly backOutCommand?: string;
}
