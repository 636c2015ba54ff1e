import type { BackupSignal, VerificationSignal } from './monitoring-plan';

/** Labels of what the runs of a backup report; the grouping key of their push. */
export function backupLabels(signal: BackupSignal): Record<string, string> {
  return { ...assetLabels(signal), tier: signal.tier };
}

/** Labels of what the verification of an asset reports. */
export function assetLabels({
  site,
  namespace,
  assetKind,
  asset,
}: BackupSignal | VerificationSignal): Record<string, string> {
  return { site, namespace, asset_kind: assetKind, asset };
}
