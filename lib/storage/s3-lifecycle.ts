import type { S3Props } from '../config';
import { StorageTier } from '../config';
import type { LifecycleDialect, LifecycleRule, TierFacts } from './lifecycle';

const HOUR = 3600;

/** Minimum durations and standard retrievals (Amazon S3 User Guide: lifecycle transitions, restoring archived objects). */
const TIERS: Readonly<Record<StorageTier, TierFacts>> = {
  [StorageTier.COOL]: { name: 'STANDARD_IA', minimumDays: 30, earliestDays: 30, rehydration: 0 },
  [StorageTier.COLD]: { name: 'GLACIER_IR', minimumDays: 90, earliestDays: 0, rehydration: 0 },
  [StorageTier.ARCHIVE]: { name: 'GLACIER', minimumDays: 90, earliestDays: 0, rehydration: 5 * HOUR },
  [StorageTier.DEEP_ARCHIVE]: { name: 'DEEP_ARCHIVE', minimumDays: 180, earliestDays: 0, rehydration: 12 * HOUR },
};

/** Lifecycle configuration of a bucket (S3 API `PutBucketLifecycleConfiguration`, @aws-sdk/client-s3 models). */
export function s3Lifecycle(props: S3Props): LifecycleDialect {
  const bucket = `--bucket ${props.bucket}${props.endpoint === undefined ? '' : ` --endpoint-url ${props.endpoint}`}`;
  const rules = (list: readonly LifecycleRule[]): object[] => list.map(ruleOf);
  return {
    scope: `bucket ${props.bucket}`,
    right: 's3:PutLifecycleConfiguration on the bucket',
    showCommand: `aws s3api get-bucket-lifecycle-configuration ${bucket}`,
    applyCommand: `aws s3api put-bucket-lifecycle-configuration ${bucket} --lifecycle-configuration file://lifecycle.json`,
    mostRules: 1000,
    // A versioned bucket, which Object Lock needs, answers a deletion with a delete marker.
    immutableDeletionFails: false,
    tier: (tier) => TIERS[tier],
    rules,
    policy: (list) => ({ Rules: rules(list) }),
  };
}

function ruleOf(rule: LifecycleRule): object {
  return {
    ID: rule.name,
    Status: 'Enabled',
    Filter: { Prefix: rule.prefix },
    ...(rule.moves.length === 0
      ? {}
      : {
          Transitions: rule.moves.map(({ tier, afterDays }) => ({ Days: afterDays, StorageClass: TIERS[tier].name })),
        }),
    // Days also removes delete markers that no version is left behind of; without Days that must be said.
    Expiration:
      rule.deleteAfterDays === undefined ? { ExpiredObjectDeleteMarker: true } : { Days: rule.deleteAfterDays },
    // On a versioned bucket a deletion frees nothing before the version goes too.
    NoncurrentVersionExpiration: { NoncurrentDays: rule.versionDays },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: rule.abortUploadDays },
  };
}
