import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../machine/run';
import { archivePrefix, archiveSegment, backUp, baseBackup } from '../support/archive';
import { query } from '../support/database';
import { get, list } from '../support/kubectl';
import { databaseOf, NEXTGEN, ready } from '../support/site';
import { Store } from '../support/store';

const database = databaseOf(NEXTGEN);
const { name, namespace, archive } = database;
const place = archivePrefix(database);

describe('the Cluster', () => {
  let store: Store;
  beforeAll(async () => {
    await ready(NEXTGEN);
    store = await Store.open(NEXTGEN.plan.storage);
  });

  it('has three healthy instances, each on two volumes of the planned class', async () => {
    const cluster = await get('cluster', name, namespace);
    expect(cluster.status.readyInstances).toBe(database.cluster.instances);
    const claims = await list('pvc', namespace, `cnpg.io/cluster=${name}`);
    expect(claims).toHaveLength(2 * database.cluster.instances);
    for (const claim of claims) {
      expect(claim.spec.storageClassName).toBe(database.cluster.storageClass);
      expect(claim.status.phase).toBe('Bound');
    }
  });

  it('runs with the planned parameters', async () => {
    const { parameters } = database.cluster;
    const names = Object.keys(parameters);
    expect(names).not.toEqual([]);
    for (const parameter of names) {
      expect(await query(database, `SHOW ${parameter}`)).toBe(parameters[parameter]);
    }
    const timeout = await query(database, "SELECT setting FROM pg_settings WHERE name = 'archive_timeout'");
    expect(Number(timeout)).toBe(archive.archiveTimeout);
  });

  it('gives the dump role what the plan says and nothing more', async () => {
    const role = await query(
      database,
      `SELECT rolbypassrls, rolsuper, rolcreatedb, rolcreaterole, rolreplication, pg_has_role(oid, 'pg_read_all_data', 'member')
       FROM pg_roles WHERE rolname = '${database.dumps?.username}'`,
    );
    expect(role).toBe('t|f|f|f|f|t');
  });

  it('archives WAL under the planned path', async () => {
    await archiveSegment(database, store);
  });

  it('is backed up at once by its ScheduledBackup', async () => {
    await until(
      `a completed Backup of ${archive.baseBackupName}`,
      240,
      async () => {
        const found = await list('backups', namespace, `cnpg.io/scheduled-backup=${archive.baseBackupName}`);
        const phases = found.map(({ status }) => status?.phase ?? 'none');
        return phases.includes('completed') ? '' : phases.join(', ') || 'no Backup';
      },
      2000,
    );
    await baseBackup(database, store);
  });

  it('completes a Backup on demand, with its data under the planned path', async () => {
    const before = await store.list(`${place}/base`);
    await backUp(database, 'on-demand', 'plugin');
    const { status } = await get('backup', 'on-demand', namespace);
    const keys = await store.list(`${place}/base`);
    expect(keys.filter((key) => !before.includes(key))).toEqual(
      expect.arrayContaining([
        `${place}/base/${status.backupId}/backup.info`,
        `${place}/base/${status.backupId}/data.tar`,
      ]),
    );
  });

  it('completes a snapshot of all volumes of one instance with the planned class', async () => {
    await backUp(database, 'snapshot-on-demand', 'volumeSnapshot');
    const { status } = await get('backup', 'snapshot-on-demand', namespace);
    const snapshots = (await list('volumesnapshots', namespace)).filter((snapshot) =>
      status.snapshotBackupStatus.elements.some((element: { name: string }) => element.name === snapshot.metadata.name),
    );
    expect(snapshots).toHaveLength(2);
    for (const snapshot of snapshots) {
      expect(snapshot.spec.volumeSnapshotClassName).toBe(database.snapshots?.className);
      expect(snapshot.status.readyToUse).toBe(true);
    }
  });
});
