import type { Alert } from '../alert';
import { AlertName, AlertSeverity } from '../alert';
import { RUN_METRICS } from '../metrics';
import type { VerificationSignal } from '../monitoring-plan';
import { select } from '../promql';
import { RECORDED_METRICS } from '../recorded-metrics';
import { assetLabels, assetName } from '../signal-labels';
import { pastWorstCase } from './overdue';

/** Seconds of the specification: a failed verification is final, only its series may be late. */
const SETTLED = 600;

/** Alerts on the restore of the newest backup into a throw-away server. */
export function verificationAlerts(signal: VerificationSignal): Alert[] {
  const labels = assetLabels(signal);
  const { threshold, forSeconds } = pastWorstCase(signal.run);
  return [
    {
      name: AlertName.RESTORE_TEST_FAILED,
      severity: AlertSeverity.CRITICAL,
      labels,
      expr: `max(${select(RECORDED_METRICS.verified, labels)}) == 0`,
      forSeconds: SETTLED,
      summary: `The newest backup of ${assetName(signal)} could not be restored`,
      description: `The newest run of CronJob ${signal.namespace}/${signal.cronJob} failed: the backup did not restore, or what it restored is not valid. Until the next run succeeds no backup is known to be good.`,
      path: signal.path,
    },
    {
      name: AlertName.RESTORE_TEST_STALE,
      severity: AlertSeverity.WARNING,
      labels,
      expr: `time() - max(${select(RUN_METRICS.verifyLastSuccess, labels)}) > ${threshold}`,
      forSeconds,
      threshold,
      summary: `Backups of ${assetName(signal)} are no longer proven`,
      description: `A backup of ${assetName(signal)} was last restored and validated {{ $value | humanizeDuration }} ago; that happens ${signal.run.description}.`,
      path: signal.path,
    },
  ];
}
