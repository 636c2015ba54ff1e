import type { Metric } from './metrics';
import { ASSET_LABELS, BACKUP_LABELS, MetricSource } from './metrics';

const POSTGRES_LABELS = ['site', 'namespace', 'asset', 'backup_type'] as const;

const recorded = (name: string, labels: readonly string[], help: string): Metric => ({
  name,
  source: MetricSource.RECORDING_RULE,
  labels,
  help,
});

/** What the generated recording rules compute, for alerts, dashboard and whoever asks. */
export const RECORDED_METRICS = {
  failed: recorded('backup_failed', BACKUP_LABELS, 'Whether the newest finished run has failed: 1 or 0.'),
  verified: recorded(
    'backup_verify_success',
    ASSET_LABELS,
    'Whether the newest restore of a backup into a throw-away server has succeeded: 1 or 0.',
  ),
  achievedRpo: recorded(
    'backup_achieved_rpo_seconds',
    ASSET_LABELS,
    'Seconds of work that would be lost if the asset were lost now.',
  ),
  objectiveRpo: recorded('backup_objective_rpo_seconds', ASSET_LABELS, 'Seconds of work that may be lost.'),
  objectiveRto: recorded('backup_objective_rto_seconds', ASSET_LABELS, 'Seconds that a recovery may take.'),
  measuredRto: recorded(
    'backup_measured_rto_seconds',
    ASSET_LABELS,
    'Seconds that a recovery takes, by the newest drill that completed one.',
  ),
  recoveryWindow: recorded(
    'backup_recovery_window_seconds',
    ASSET_LABELS,
    'Seconds from the earliest time that a database can be recovered to until now.',
  ),
  postgresBackup: recorded(
    'postgres_backup_seconds',
    POSTGRES_LABELS,
    'When the newest backup of a type was committed, in Unix time.',
  ),
  postgresAge: recorded('postgres_backup_age_seconds', POSTGRES_LABELS, 'Age of the newest backup of a type.'),
  postgresDuration: recorded(
    'postgres_backup_duration_seconds',
    POSTGRES_LABELS,
    'Seconds from capture to commit of the newest backup of a type.',
  ),
  postgresSize: recorded(
    'postgres_backup_size_bytes',
    POSTGRES_LABELS,
    'Bytes that the newest backup of a type holds in the store.',
  ),
  postgresFailed: recorded(
    'postgres_backup_failed',
    POSTGRES_LABELS,
    'Whether the newest finished run of a type has failed: 1 or 0.',
  ),
} as const;

/** Alerts that are pending or firing, with the labels of their rules, which Prometheus keeps beside them. */
export const ALERTS: Metric = {
  name: 'ALERTS',
  source: MetricSource.RECORDING_RULE,
  labels: ['alertname', 'alertstate', 'severity', 'site'],
  help: 'The alert is pending or fires: 1.',
};
