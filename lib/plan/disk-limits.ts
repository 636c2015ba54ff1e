import { SnapshotDriver } from '../config';

/** What a provider allows for one disk. */
export interface DiskLimits {
  /** Snapshots at a time. */
  readonly count?: number;
  /** Creations in so many seconds. */
  readonly rate?: { readonly creations: number; readonly seconds: number };
}

const LIMITS: Readonly<Record<string, DiskLimits>> = {
  // azure-compute-docs, virtual-machines-disks-incremental-snapshots-restrictions
  [SnapshotDriver.AZURE_DISK]: { count: 500, rate: { creations: 7, seconds: 300 } },
  // Google Compute Engine docs, snapshot best practices: six requests in 60 minutes for one disk
  [SnapshotDriver.GCE_PD]: { rate: { creations: 6, seconds: 3600 } },
};

/** What the provider of a CSI driver allows for one disk, as far as it is known. */
export function diskLimits(driver: string | undefined): DiskLimits {
  return LIMITS[driver ?? ''] ?? {};
}
