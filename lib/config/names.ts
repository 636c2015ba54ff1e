/** RFC 1123 label: what most Kubernetes names must be. */
export const RFC_1123_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** RFC 1035 label, which starts with a letter: the CloudNativePG webhook demands it of a Cluster. */
export const RFC_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** A ScheduledBackup's Backups get a 15-character suffix that must fit a label of 63. */
const SCHEDULED_BACKUP = 48;

/** Longest names, by what is appended to them later. */
export const NAME_LIMITS = {
  /** A CronJob's Jobs get an 11-character suffix, and a label holds 63 (kubernetes pkg/apis/batch/validation). */
  cronJob: 52,
  /** CloudNativePG webhook: 50. Its ScheduledBackups are called `<name>-base` and `<name>-snapshot`, which leaves less. */
  cluster: SCHEDULED_BACKUP - '-base'.length,
  clusterWithSnapshots: SCHEDULED_BACKUP - '-snapshot'.length,
  /** Other names end up as labels. */
  label: 63,
} as const;

/** One part of an object key: plain enough for every store, shell and lifecycle rule. */
export const KEY_PART = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The nearest valid name: lower case, other characters replaced, cut to length. */
export function nearestName(name: string, limit: number): string {
  const cleaned = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, limit)
    .replace(/-+$/, '');
  return cleaned === '' ? 'name' : cleaned;
}
