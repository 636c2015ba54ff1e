import type { DisasterRecoveryConfig } from '../config';
import { DEFAULTS, secondsOf } from '../config';
import type { RunbookPlan } from './runbook-plan';

const DAY = 86400;

/** Resolves where the runbook is found and what it asks of people. */
export function planRunbook({ site, namespace, runbook = {} }: DisasterRecoveryConfig): RunbookPlan {
  const given = { ...DEFAULTS.runbook, ...runbook };
  return {
    name: `${site}-runbook`,
    planName: `${site}-recovery`,
    namespace: runbook.namespace ?? namespace,
    contacts: [...(runbook.contacts ?? [])],
    validationDays: Math.round(secondsOf(given.validationInterval) / DAY),
    trainingDays: Math.round(secondsOf(given.trainingInterval) / DAY),
    failoverDays: Math.round(secondsOf(given.failoverInterval) / DAY),
  };
}
