import type { Assumptions } from './assumptions';
import type { RestoreEstimate, RestorePart } from './recovery-plan';

/** Sums the parts of a restore: detection first, validation last. */
export function estimate(steps: readonly RestorePart[], assumptions: Assumptions): RestoreEstimate {
  const parts = [
    { name: 'detect', seconds: assumptions.detection },
    ...steps.map((step) => ({ name: step.name, seconds: Math.ceil(step.seconds) })),
    { name: 'validate', seconds: assumptions.validation },
  ];
  return { total: parts.reduce((sum, part) => sum + part.seconds, 0), parts, measured: false };
}

/** A restore that a drill has timed, from failure to validated. */
export function measured(seconds: number): RestoreEstimate {
  return { total: seconds, parts: [{ name: 'measured', seconds }], measured: true };
}
