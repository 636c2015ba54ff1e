import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BARMAN_PLUGIN } from '../../../lib/database/postgres-cluster';
import { until } from '../machine/run';
import { archivePrefix, archiveSegment, baseBackup } from '../support/archive';
import { query, removeCluster, sql } from '../support/database';
import { apply, get, waitForField } from '../support/kubectl';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const database = databaseOf(NEXTGEN);
const { archive, namespace, path } = database;
const RESTORED = `${database.name}-restored`;

describe('point-in-time recovery from the object store', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
    await removeCluster(RESTORED, namespace);
    await store.removeAll(`${path}/${RESTORED}`);
  });
  afterAll(async () => {
    await query(database, 'DROP TABLE IF EXISTS recovery_marks');
    await removeCluster(RESTORED, namespace);
    await store.removeAll(`${path}/${RESTORED}`);
  });

  it('to a second between two rows gives exactly the first', async () => {
    await baseBackup(database, store);
    await query(database, 'DROP TABLE IF EXISTS recovery_marks; CREATE TABLE recovery_marks (mark text)');
    await query(database, "INSERT INTO recovery_marks VALUES ('before')");
    // The target is a whole second with at least one more on either side.
    const target = await query(
      database,
      "SELECT pg_sleep(2); SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS+00')",
    );
    await query(database, "SELECT pg_sleep(2); INSERT INTO recovery_marks VALUES ('after')");
    await archiveSegment(database, store);

    await apply([await recoveryCluster(target.trim())]);
    await waitForField('cluster', RESTORED, namespace, '.status.phase', 'Cluster in healthy state', 300);
    expect(await sql(namespace, RESTORED, database.database, 'SELECT mark FROM recovery_marks')).toBe('before');
    expect(await sql(namespace, RESTORED, database.database, 'SELECT count(*) FROM invoices')).toBe('3000');
    expect(await query(database, 'SELECT mark FROM recovery_marks ORDER BY mark')).toBe('after\nbefore');
  });

  it('leaves the archive of the lost Cluster alone, and archives under a name of its own', async () => {
    await sql(namespace, RESTORED, database.database, 'CREATE TABLE written_after_recovery (); SELECT pg_switch_wal()');
    await until('archive of the restored Cluster', 120, async () => {
      const keys = await store.list(`${path}/${RESTORED}/wals`);
      return keys.length > 0 ? '' : 'empty';
    });
    const timeline = await sql(
      namespace,
      RESTORED,
      database.database,
      'SELECT timeline_id FROM pg_control_checkpoint()',
    );
    const folder = `/wals/${Number(timeline).toString(16).toUpperCase().padStart(8, '0')}`;
    expect((await store.list(`${path}/${RESTORED}`)).some((key) => key.includes(folder))).toBe(true);
    expect((await store.list(archivePrefix(database))).some((key) => key.includes(folder))).toBe(false);
  });
});

/** The Cluster of the manifests, but recovered from its archive and archiving elsewhere. */
async function recoveryCluster(targetTime: string): Promise<unknown> {
  const { spec } = await get('cluster', database.name, namespace);
  const { imageName, storage, walStorage, postgresql, resources } = spec;
  const archiveOf = (serverName: string): object => ({ barmanObjectName: archive.objectStoreName, serverName });
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: RESTORED, namespace },
    spec: {
      instances: 1,
      imageName,
      storage,
      walStorage,
      resources,
      postgresql: { parameters: postgresql.parameters },
      bootstrap: { recovery: { source: 'origin', recoveryTarget: { targetTime } } },
      externalClusters: [
        { name: 'origin', plugin: { name: BARMAN_PLUGIN, parameters: archiveOf(archive.serverName) } },
      ],
      plugins: [{ name: BARMAN_PLUGIN, isWALArchiver: true, parameters: archiveOf(RESTORED) }],
    },
  };
}
