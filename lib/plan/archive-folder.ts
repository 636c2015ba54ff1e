/** What Barman keeps below a server name (barman cloud, `BarmanCloudObjectStore`). */
export type ArchiveFolder = 'base' | 'wals';

/** Key prefix of what a server has archived, without a slash at its end. */
export function archiveFolder(path: string, serverName: string, folder: ArchiveFolder): string {
  return `${path}/${serverName}/${folder}`;
}
