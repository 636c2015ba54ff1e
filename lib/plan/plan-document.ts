import { ImageRef } from '../config';
import type { RecoveryPlan } from './recovery-plan';

/** Version of the plan's shape that this library reads. */
const VERSION = 1;

/** The plan as JSON, which travels beside the manifests: it names Secrets, and holds none. */
export function planDocument(plan: RecoveryPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** Reads a plan back. Throws an Error that says what is wrong with it. */
export function readPlan(text: string): RecoveryPlan {
  let plan: unknown;
  try {
    plan = JSON.parse(text, revive);
  } catch (error) {
    throw new Error(`the plan is not JSON: ${(error as Error).message}`);
  }
  const { version, site } = (plan ?? {}) as { version?: unknown; site?: unknown };
  if (version !== VERSION || typeof site !== 'string') {
    throw new Error(`the plan has version ${String(version)}; this cdk8s-dr reads version ${VERSION}`);
  }
  return plan as RecoveryPlan;
}

/** An image is the only value of the plan that is more than its data. */
function revive(_: string, value: unknown): unknown {
  const { reference } = (value ?? {}) as { reference?: unknown };
  return typeof reference === 'string' && Object.keys(value as object).length === 1 ? ImageRef.of(reference) : value;
}
