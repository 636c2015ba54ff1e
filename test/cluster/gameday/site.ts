import { Duration } from 'cdk8s';
import { nextgen } from '../../../app';
import { type DatabaseConfig, type DisasterRecoveryConfig, planRecovery } from '../../../lib';
import { render } from '../../support/render';
import { overridden } from '../overrides';
import type { Site } from '../support/site';

/** A shorter objective than the reference config's shortens what the plan derives from it, so that a game takes minutes. */
export const USUAL_RPO = 90;

/**
 * The reference config's database in a namespace and below a path of its own, so that games leave other suites alone. Only that objective,
 * the generation and the number of instances differ: standbys are made anew after the first write, and take most of a game. Volume
 * snapshots are left out: their class belongs to the whole cluster.
 */
export function gameConfig(rpo: number, generation: number): DisasterRecoveryConfig {
  const { site, storage, encryption, assumptions, databases } = overridden.nextgen(nextgen);
  return {
    site: `${site}-gameday`,
    namespace: 'production-gameday',
    storage,
    encryption,
    assumptions,
    databases: databases?.map(
      ({ snapshots: _, ...database }): DatabaseConfig => ({
        ...database,
        path: 'gameday',
        generation,
        cluster: { ...database.cluster, instances: 1 },
        objective: { ...database.objective, rpo: Duration.seconds(rpo) },
      }),
    ),
  };
}

/** The same, planned and synthesised. */
export function gameSite(rpo: number, generation: number): Site {
  const config = gameConfig(rpo, generation);
  return { plan: planRecovery(config), files: render(config) };
}
