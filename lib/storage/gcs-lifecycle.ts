import type { GcsProps } from '../config';
import { StorageTier } from '../config';
import type { LifecycleDialect, LifecycleRule, TierFacts } from './lifecycle';

/** Minimum durations (Google Cloud Storage documentation, storage classes); all classes can be read at once. */
const TIERS: Readonly<Record<string, TierFacts>> = {
  [StorageTier.COOL]: { name: 'NEARLINE', minimumDays: 30, earliestDays: 0, rehydration: 0 },
  [StorageTier.COLD]: { name: 'COLDLINE', minimumDays: 90, earliestDays: 0, rehydration: 0 },
  [StorageTier.ARCHIVE]: { name: 'ARCHIVE', minimumDays: 365, earliestDays: 0, rehydration: 0 },
};

interface GcsRule {
  readonly action: object;
  readonly condition: { readonly [name: string]: unknown; readonly matchesPrefix: string[] };
}

/** Lifecycle configuration of a bucket (Cloud Storage JSON API `lifecycle`, @google-cloud/storage bucket.d.ts). */
export function gcsLifecycle(props: GcsProps): LifecycleDialect {
  const rules = (list: readonly LifecycleRule[]): object[] => merged(list.flatMap(rulesOf));
  return {
    scope: `bucket ${props.bucket}`,
    right: 'storage.buckets.update on the bucket',
    showCommand: `gcloud storage buckets describe gs://${props.bucket} --format="default(lifecycle_config)"`,
    applyCommand: `gcloud storage buckets update gs://${props.bucket} --lifecycle-file=lifecycle.json`,
    mostRules: 100,
    immutableDeletionFails: true,
    tier: (tier) => TIERS[tier],
    rules,
    policy: (list) => ({ rule: rules(list) }),
  };
}

function rulesOf(rule: LifecycleRule): GcsRule[] {
  const matchesPrefix = [rule.prefix];
  return [
    ...rule.moves.map(({ tier, afterDays }) => ({
      action: { type: 'SetStorageClass', storageClass: TIERS[tier]?.name },
      condition: { age: afterDays, isLive: true, matchesPrefix },
    })),
    ...(rule.deleteAfterDays === undefined
      ? []
      : [{ action: { type: 'Delete' }, condition: { age: rule.deleteAfterDays, isLive: true, matchesPrefix } }]),
    {
      action: { type: 'Delete' },
      condition: { daysSinceNoncurrentTime: rule.versionDays, isLive: false, matchesPrefix },
    },
    { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: rule.abortUploadDays, matchesPrefix } },
  ];
}

/** A rule has one action but many prefixes, and no name: those that differ in their prefix only become one. */
function merged(rules: readonly GcsRule[]): GcsRule[] {
  const groups = new Map<string, GcsRule>();
  for (const { action, condition } of rules) {
    const key = JSON.stringify({ action, condition: { ...condition, matchesPrefix: [] } });
    const prefixes = [...(groups.get(key)?.condition.matchesPrefix ?? []), ...condition.matchesPrefix];
    groups.set(key, { action, condition: { ...condition, matchesPrefix: prefixes } });
  }
  return [...groups.values()];
}
