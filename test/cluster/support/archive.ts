import type { DatabasePlan } from '../../../lib';
import { until } from '../machine/run';
import { query } from './database';
import { apply, get, remove, waitForField } from './kubectl';
import type { Store } from './store';

/** Prefix of what a database's Cluster archives. */
export function archivePrefix({ path, archive }: DatabasePlan): string {
  return `${path}/${archive.serverName}`;
}

/** Closes the current WAL segment, and waits until it lies in the store under the planned path. */
export async function archiveSegment(plan: DatabasePlan, store: Store): Promise<void> {
  // With nothing written since the last switch there is none to make, and the name may be of a segment that never was on this timeline.
  await query(plan, "SELECT pg_create_restore_point('a segment worth archiving')");
  const segment = await query(plan, 'SELECT pg_walfile_name(pg_switch_wal())');
  await until(`segment ${segment} in the store`, 60, async () => {
    const keys = await store.list(`${archivePrefix(plan)}/wals`);
    if (keys.some((key) => key.endsWith(`/${segment}.gz`))) {
      return '';
    }
    const archiver = await query(plan, 'SELECT row_to_json(a) FROM pg_stat_archiver a');
    return `${keys.length} others, at the end ${keys.slice(-4).join(', ')}; ${archiver}`;
  });
}

/** Waits until a base backup lies in the store under the planned path. */
export async function baseBackup(plan: DatabasePlan, store: Store): Promise<void> {
  await until(
    'base backup in the store',
    240,
    async () => {
      const keys = await store.list(`${archivePrefix(plan)}/base`);
      return keys.some((key) => key.endsWith('/backup.info')) ? '' : 'none';
    },
    2000,
  );
}

/** How CloudNativePG makes a backup. */
export type BackupMethod = 'plugin' | 'volumeSnapshot';

/** Has a Cluster backed up, as the ScheduledBackup of that method does, and waits until that has ended in the expected way. */
export async function backUp(
  { namespace, archive, snapshots }: DatabasePlan,
  backup: string,
  method: BackupMethod,
  phase: 'completed' | 'failed' = 'completed',
): Promise<void> {
  await remove('backup', backup, namespace);
  const scheduled = method === 'plugin' ? archive.baseBackupName : (snapshots?.name ?? '');
  const { cluster, pluginConfiguration } = (await get('scheduledbackup', scheduled, namespace)).spec;
  await apply([
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Backup',
      metadata: { name: backup, namespace },
      spec: { cluster, method, ...(pluginConfiguration === undefined ? {} : { pluginConfiguration }) },
    },
  ]);
  await waitForField('backup', backup, namespace, '.status.phase', phase, 240);
}
