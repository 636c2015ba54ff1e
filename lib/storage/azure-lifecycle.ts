import type { AzureBlobProps } from '../config';
import { StorageTier } from '../config';
import type { LifecycleDialect, LifecycleRule, TierFacts } from './lifecycle';

const HOUR = 3600;

const COOL: TierFacts = { name: 'cool', minimumDays: 30, earliestDays: 0, rehydration: 0 };
const COLD: TierFacts = { name: 'cold', minimumDays: 90, earliestDays: 0, rehydration: 0 };
/** Standard priority takes up to 15 hours (azure-docs articles/storage/blobs/archive-rehydrate-overview.md). */
const ARCHIVE: TierFacts = { name: 'archive', minimumDays: 180, earliestDays: 0, rehydration: 15 * HOUR };

const TIER_ACTIONS: Readonly<Record<string, string>> = {
  [StorageTier.COOL]: 'tierToCool',
  [StorageTier.COLD]: 'tierToCold',
  [StorageTier.ARCHIVE]: 'tierToArchive',
};

/** Management policy of a storage account (azure-docs articles/storage/blobs/lifecycle-management-policy-structure.md). */
export function azureLifecycle(props: AzureBlobProps): LifecycleDialect {
  // The archive tier takes no blobs with an encryption scope (same page).
  const archive = props.serverSideEncryption?.key === undefined ? ARCHIVE : undefined;
  const account = `--account-name ${props.account} --resource-group "$RESOURCE_GROUP"`;
  const rules = (list: readonly LifecycleRule[]): object[] => list.map((rule) => ruleOf(rule, props.container));
  return {
    scope: `storage account ${props.account}`,
    right: 'the role Storage Account Contributor; RESOURCE_GROUP is the resource group of the account',
    showCommand: `az storage account management-policy show ${account}`,
    applyCommand: `az storage account management-policy create ${account} --policy @lifecycle.json`,
    mostRules: 100,
    immutableDeletionFails: true,
    tier: (tier) => ({ cool: COOL, cold: COLD, archive, deepArchive: undefined })[tier],
    rules,
    policy: (list) => ({ rules: rules(list) }),
  };
}

function ruleOf(rule: LifecycleRule, container: string): object {
  const baseBlob = {
    ...Object.fromEntries(
      rule.moves.map(({ tier, afterDays }) => [TIER_ACTIONS[tier], { daysAfterModificationGreaterThan: afterDays }]),
    ),
    ...(rule.deleteAfterDays === undefined
      ? {}
      : { delete: { daysAfterModificationGreaterThan: rule.deleteAfterDays } }),
  };
  return {
    name: rule.name,
    enabled: true,
    type: 'Lifecycle',
    definition: {
      actions: {
        ...(Object.keys(baseBlob).length === 0 ? {} : { baseBlob }),
        // A blob that has snapshots or versions is not deleted before they are.
        snapshot: { delete: { daysAfterCreationGreaterThan: rule.versionDays } },
        // The age of a version counts from when it was written, not from when it was replaced or deleted.
        version: { delete: { daysAfterCreationGreaterThan: rule.currentDays + rule.versionDays } },
      },
      // Uncommitted blocks are no blobs yet: no rule matches them, and the service drops them after a week.
      filters: { blobTypes: ['blockBlob'], prefixMatch: [`${container}/${rule.prefix}`] },
    },
  };
}
