import { nextgen } from '../../../app';
import type { DatabaseConfig, DisasterRecoveryConfig } from '../../../lib';
import { overridden } from '../overrides';

/**
 * The reference config's database with its dumps and its verification in a namespace and below a path of its own, so that other suites are
 * left alone. Of one instance, since standbys are made anew after the first write and take most of the time; without volume snapshots,
 * whose class belongs to the whole cluster.
 */
export function separateDatabase(
  name: string,
  changed: (database: DatabaseConfig) => Partial<DatabaseConfig>,
): DisasterRecoveryConfig {
  const { site, storage, encryption, assumptions, databases } = overridden.nextgen(nextgen);
  return {
    site: `${site}-${name}`,
    namespace: `production-${name}`,
    storage,
    encryption,
    assumptions,
    databases: databases?.map(({ snapshots: _, ...database }) => ({
      ...database,
      path: name,
      cluster: { ...database.cluster, instances: 1 },
      ...changed(database),
    })),
  };
}
