import type { Metric } from './metrics';
import { BACKUP_LABELS, MetricSource } from './metrics';

/** Labels of a store; also the grouping key of what its probe pushes. */
export const STORE_LABELS = ['site', 'store'] as const;

const store = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  source: MetricSource.RUN,
  labels,
  help,
});

/** What the probe of a store reports, which believes no job: it looks. */
export const STORE_METRICS = {
  up: store('backup_store_up', STORE_LABELS, 'Whether the store answered the newest probe: 1 or 0.'),
  duration: store('backup_store_probe_duration_seconds', STORE_LABELS, 'Seconds that the newest probe took.'),
  looked: store(
    'backup_store_last_look_timestamp_seconds',
    STORE_LABELS,
    'When the newest probe that the store answered began, in Unix time.',
  ),
  newest: store(
    'backup_store_newest_timestamp_seconds',
    [...BACKUP_LABELS, 'store'],
    'When the newest committed backup in the store was captured, or the newest WAL arrived, in Unix time; 0 without any.',
  ),
  credentialExpires: store(
    'backup_store_credential_expiry_timestamp_seconds',
    STORE_LABELS,
    'When the shared access signature of the store expires, in Unix time.',
  ),
} as const;
