import type { Duration } from 'cdk8s';
import { secondsOf } from '../config';
import type { Assumptions } from './assumptions';
import type { RestoreEstimate, RestorePart } from './recovery-plan';

/** Sums the parts of a restore: detection first, validation last. */
export function estimate(steps: readonly RestorePart[], assumptions: Assumptions): RestoreEstimate {
  const { validation } = assumptions;
  return sum([...steps, { name: 'validate', seconds: validation }], assumptions, false);
}

/** The estimate, or what a drill has measured in its place; the parts that no drill can measure are assumed in either case. */
export function measuredOr(
  measured: Duration | undefined,
  steps: readonly RestorePart[],
  assumptions: Assumptions,
  unmeasured: readonly RestorePart[] = [],
): RestoreEstimate {
  return measured === undefined
    ? estimate([...steps, ...unmeasured], assumptions)
    : sum([{ name: 'measured', seconds: secondsOf(measured) }, ...unmeasured], assumptions, true);
}

function sum(steps: readonly RestorePart[], { detection }: Assumptions, measured: boolean): RestoreEstimate {
  const rounded = steps.map(({ name, seconds }) => ({ name, seconds: Math.ceil(seconds) }));
  const parts = [{ name: 'detect', seconds: detection }, ...rounded];
  return { total: parts.reduce((total, part) => total + part.seconds, 0), parts, measured };
}
