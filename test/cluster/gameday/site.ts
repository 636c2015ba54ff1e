import { Duration } from 'cdk8s';
import { type DisasterRecoveryConfig, planRecovery } from '../../../lib';
import { render } from '../../support/render';
import { separateDatabase } from '../support/separate-database';
import type { Site } from '../support/site';

/** A shorter objective than the reference config's shortens what the plan derives from it, so that a game takes minutes. */
export const USUAL_RPO = 90;

/** The reference config's database by itself, with that objective and generation, so that games leave other suites alone. */
export function gameConfig(rpo: number, generation: number): DisasterRecoveryConfig {
  return separateDatabase('gameday', ({ objective }) => ({
    generation,
    objective: { ...objective, rpo: Duration.seconds(rpo) },
  }));
}

/** The same, planned and synthesised. */
export function gameSite(rpo: number, generation: number): Site {
  const config = gameConfig(rpo, generation);
  return { plan: planRecovery(config), files: render(config) };
}
