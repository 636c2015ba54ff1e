import { allDrills } from '../../../lib';
import { until } from '../machine/run';
import { archiveSegment, baseBackup } from './archive';
import { query } from './database';
import { get } from './kubectl';
import { allowLooking } from './reports';
import type { Site } from './site';
import type { Store } from './store';
import { allowLastRequests } from './watch';

/** Sees to it that a drill of recovery that starts now has a base backup from before the moment that it recovers, and WAL from after it. */
export async function readyForDrills({ plan }: Site, store: Store): Promise<void> {
  for (const drill of allDrills(plan.drills)) {
    await allowLooking(drill);
  }
  for (const { namespace, clusterName, database: name, upTo = 0 } of plan.drills.recoveries) {
    const database = plan.databases.find((candidate) => candidate.name === name);
    if (database === undefined) {
      throw new Error(`site ${plan.site} has no database ${name}, whose recovery it rehearses`);
    }
    await allowLastRequests(namespace, clusterName);
    await baseBackup(database, store);
    const { objectStoreName, serverName } = database.archive;
    await until('a base backup older than what is recovered', upTo + 180, async () => {
      const { status } = await get('objectstore', objectStoreName, database.namespace);
      const first = String(status?.serverRecoveryWindow?.[serverName]?.firstRecoverabilityPoint);
      return Date.parse(first) < Date.now() - upTo * 1000 ? '' : `it can be recovered from ${first} on`;
    });
    // PostgreSQL stops at a moment only when it sees that a transaction ended later.
    await query(database, 'SELECT txid_current()');
    await archiveSegment(database, store);
  }
}
