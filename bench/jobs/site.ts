import { Duration, Size } from 'cdk8s';
import { planRecovery } from '../../lib';
import { separateDatabase } from '../../test/cluster/support/separate-database';
import type { Site } from '../../test/cluster/support/site';
import { render } from '../../test/support/render';

/** Size of database that the manifests are planned for; memory and processors of the jobs follow from the config, not from what is in it. */
const PLANNED = Size.gibibytes(8);

/** What is measured: the dumps and the verification of a database that may be restored in hours. */
export function benchSite(): Site {
  const config = separateDatabase('bench', ({ objective }) => ({
    size: PLANNED,
    objective: { ...objective, rto: Duration.hours(4) },
  }));
  return { plan: planRecovery(config), files: render(config) };
}
