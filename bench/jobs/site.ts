import { Duration, Size } from 'cdk8s';
import { nextgen } from '../../app';
import { type DatabaseConfig, planRecovery } from '../../lib';
import { overridden } from '../../test/cluster/overrides';
import type { Site } from '../../test/cluster/support/site';
import { render } from '../../test/support/render';

/** Size of database that the manifests are planned for; memory and processors of the jobs follow from the config, not from what is in it. */
const PLANNED = Size.gibibytes(8);

/** Below which everything is stored. */
export const PATH = 'bench';

/** The reference config's database with its dumps and verification, of one instance, in a namespace and below a path of its own. */
export function benchSite(): Site {
  const { site, storage, encryption, assumptions, databases } = overridden.nextgen(nextgen);
  const config = {
    site: `${site}-bench`,
    namespace: 'production-bench',
    storage,
    encryption,
    assumptions,
    databases: databases?.map(
      ({ snapshots: _, ...database }): DatabaseConfig => ({
        ...database,
        path: PATH,
        size: PLANNED,
        cluster: { ...database.cluster, instances: 1 },
        objective: { ...database.objective, rto: Duration.hours(4) },
      }),
    ),
  };
  return { plan: planRecovery(config), files: render(config) };
}
