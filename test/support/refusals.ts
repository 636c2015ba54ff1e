import type { DisasterRecoveryConfig } from '../../lib';
import { DisasterRecoveryError, planRecovery } from '../../lib';

/** Why a config is refused. */
export interface Refusal {
  readonly rule: string;
  readonly path: string;
  readonly fix: string;
}

/** Every problem and every error that a config is refused for; none when it is planned. */
export function refusalsOf(config: DisasterRecoveryConfig): Refusal[] {
  try {
    planRecovery(config);
    return [];
  } catch (error) {
    if (!(error instanceof DisasterRecoveryError)) {
      throw error;
    }
    return [...error.problems, ...error.findings].map(({ rule, path, fix }) => ({ rule, path, fix }));
  }
}
