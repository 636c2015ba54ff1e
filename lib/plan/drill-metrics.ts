import type { Metric } from './metrics';
import { ASSET_LABELS, MetricSource } from './metrics';

/** Labels of what concerns one kind of drill of an asset; also the grouping key of a push. */
export const DRILL_LABELS = [...ASSET_LABELS, 'drill'] as const;

const drill = (name: string, help: string): Metric => ({ name, source: MetricSource.RUN, labels: DRILL_LABELS, help });

/** What drills report once their report is stored, good or bad. Times of a restore are known of those only that completed one. */
export const DRILL_METRICS = {
  lastRun: drill('backup_drill_last_run_timestamp_seconds', 'When the newest drill ended with a report, in Unix time.'),
  success: drill(
    'backup_drill_success',
    'Whether the newest drill restored what it chose and found it valid, however long that took: 1 or 0.',
  ),
  lastSuccess: drill(
    'backup_drill_last_success_timestamp_seconds',
    'When a drill last restored what it chose and found it valid, in Unix time.',
  ),
  restore: drill('backup_drill_restore_seconds', 'Seconds that the newest restore by a drill took, as measured.'),
  recovery: drill(
    'backup_drill_recovery_seconds',
    'Seconds of that restore with the parts of a recovery that no drill can measure.',
  ),
  rto: drill(
    'backup_drill_rto_seconds',
    'Seconds that a recovery might take when the newest drill was held against it.',
  ),
} as const;
