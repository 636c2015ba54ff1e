import type { AssetKind, BackupSignal, DrillSignal } from './monitoring-plan';

/** An asset in a namespace of a site. */
interface Subject {
  readonly site: string;
  readonly namespace: string;
  readonly assetKind: AssetKind;
  readonly asset: string;
}

/** Labels of what concerns an asset: runs report under them, and rules select by them. */
export function assetLabels({ site, namespace, assetKind, asset }: Subject): Record<string, string> {
  return { site, namespace, asset_kind: assetKind, asset };
}

/** Labels of what concerns the backups of one tier. */
export function backupLabels(signal: BackupSignal): Record<string, string> {
  return { ...assetLabels(signal), tier: signal.tier };
}

/** Labels of what concerns one kind of drill of an asset. */
export function drillLabels(signal: DrillSignal): Record<string, string> {
  return { ...assetLabels(signal), drill: signal.drill };
}

/** What an alert says that it is about, e.g. `database nextgen-postgres`. */
export function assetName({ assetKind, asset }: Pick<Subject, 'assetKind' | 'asset'>): string {
  return assetKind === asset ? asset : `${assetKind} ${asset}`;
}
