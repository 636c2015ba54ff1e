import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import { ObjectStorage, ServerSideEncryption, StorageTier } from '../../lib';
import type { LifecycleRule } from '../../lib/storage';
import { dialectOf } from '../../lib/storage';
import { otherStorages, variants } from '../support/configs';
import { lifecycleErrors } from '../support/schema';

const azure = dialectOf(nextgen.storage).lifecycle;
const s3 = dialectOf(variants['s3-compatible']?.storage ?? nextgen.storage).lifecycle;
const gcs = dialectOf(variants.gcs?.storage ?? nextgen.storage).lifecycle;

const dumps: LifecycleRule = {
  name: 'orders-daily',
  prefix: 'orders/daily/',
  deleteAfterDays: 400,
  versionDays: 14,
  currentDays: 33,
  abortUploadDays: 7,
  moves: [
    { tier: StorageTier.COOL, afterDays: 30 },
    { tier: StorageTier.ARCHIVE, afterDays: 90 },
  ],
};
const archive: LifecycleRule = {
  name: 'orders-orders',
  prefix: 'orders/orders/',
  versionDays: 14,
  currentDays: 32,
  abortUploadDays: 7,
  moves: [],
};

describe('the policy of a provider', () => {
  it.each([
    ['azureBlob', azure],
    ['s3', s3],
    ['gcs', gcs],
  ])('has the shape that %s documents', (provider, dialect) => {
    expect(lifecycleErrors(provider, dialect.policy([dumps, archive]))).toEqual([]);
  });

  it.each([
    ['azureBlob', { rules: [{ name: 'x', type: 'Lifecycle', definition: { actions: {}, filters: {} } }] }],
    ['s3', { Rules: [{ ID: 'x', Status: 'Enabled', Filter: { Prefix: 'x/', Tag: {} } }] }],
    ['gcs', { rule: [{ action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1, isLive: true } }] }],
  ])('would be refused with a wrong shape on %s, so the check above can fail', (provider, policy) => {
    expect(lifecycleErrors(provider, policy)).not.toEqual([]);
  });

  it('on Azure counts the age of a version from its writing, and starts prefixes with the container', () => {
    expect(azure.policy([dumps])).toEqual({
      rules: [
        {
          name: 'orders-daily',
          enabled: true,
          type: 'Lifecycle',
          definition: {
            actions: {
              baseBlob: {
                tierToCool: { daysAfterModificationGreaterThan: 30 },
                tierToArchive: { daysAfterModificationGreaterThan: 90 },
                delete: { daysAfterModificationGreaterThan: 400 },
              },
              snapshot: { delete: { daysAfterCreationGreaterThan: 14 } },
              version: { delete: { daysAfterCreationGreaterThan: 33 + 14 } },
            },
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/orders/daily/'] },
          },
        },
      ],
    });
  });

  it('on Azure has no action on current blobs where nothing deletes or moves them', () => {
    expect(JSON.stringify(azure.policy([archive]))).not.toContain('baseBlob');
  });

  it('on S3 ends versions, delete markers and unfinished uploads in every rule', () => {
    expect(s3.policy([dumps, archive])).toEqual({
      Rules: [
        {
          ID: 'orders-daily',
          Status: 'Enabled',
          Filter: { Prefix: 'orders/daily/' },
          Transitions: [
            { Days: 30, StorageClass: 'STANDARD_IA' },
            { Days: 90, StorageClass: 'GLACIER' },
          ],
          Expiration: { Days: 400 },
          NoncurrentVersionExpiration: { NoncurrentDays: 14 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
        {
          ID: 'orders-orders',
          Status: 'Enabled',
          Filter: { Prefix: 'orders/orders/' },
          Expiration: { ExpiredObjectDeleteMarker: true },
          NoncurrentVersionExpiration: { NoncurrentDays: 14 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        },
      ],
    });
  });

  it('on GCS tells live objects from old versions, and shares rules that differ in their prefix only', () => {
    expect(gcs.policy([dumps, archive])).toEqual({
      rule: [
        {
          action: { type: 'SetStorageClass', storageClass: 'NEARLINE' },
          condition: { age: 30, isLive: true, matchesPrefix: ['orders/daily/'] },
        },
        {
          action: { type: 'SetStorageClass', storageClass: 'ARCHIVE' },
          condition: { age: 90, isLive: true, matchesPrefix: ['orders/daily/'] },
        },
        { action: { type: 'Delete' }, condition: { age: 400, isLive: true, matchesPrefix: ['orders/daily/'] } },
        {
          action: { type: 'Delete' },
          condition: {
            daysSinceNoncurrentTime: 14,
            isLive: false,
            matchesPrefix: ['orders/daily/', 'orders/orders/'],
          },
        },
        {
          action: { type: 'AbortIncompleteMultipartUpload' },
          condition: { age: 7, matchesPrefix: ['orders/daily/', 'orders/orders/'] },
        },
      ],
    });
  });
});

describe('the commands that apply a policy', () => {
  it.each([
    [azure, 'az storage account management-policy create --account-name nextgenbackups', '--policy @lifecycle.json'],
    [
      s3,
      'aws s3api put-bucket-lifecycle-configuration --bucket nextgen-backups',
      '--endpoint-url https://s3.example.net',
    ],
    [gcs, 'gcloud storage buckets update gs://nextgen-backups', '--lifecycle-file=lifecycle.json'],
  ])('name the place and the file: $scope', (dialect, start, part) => {
    expect(dialect.applyCommand).toMatch(new RegExp(`^${start}`));
    expect(dialect.applyCommand).toContain(part);
    expect(dialect.applyCommand).toContain('lifecycle.json');
    expect(dialect.showCommand).not.toContain('lifecycle.json');
  });

  it('need no endpoint on Amazon S3', () => {
    const dialect = dialectOf(otherStorages['s3 kms with irsa'] ?? nextgen.storage).lifecycle;
    expect(dialect.applyCommand).not.toContain('endpoint');
  });
});

describe('storage tiers', () => {
  const account = { account: 'shopbackups', container: 'backups', accountKey: { secretName: 'azure' } };
  const scoped = ObjectStorage.azureBlob({
    ...account,
    serverSideEncryption: ServerSideEncryption.azureScope('backups'),
  });

  it.each([
    ['azure', azure, ['cool', 'cold', 'archive', undefined]],
    ['azure with an encryption scope', dialectOf(scoped).lifecycle, ['cool', 'cold', undefined, undefined]],
    ['s3', s3, ['STANDARD_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE']],
    ['gcs', gcs, ['NEARLINE', 'COLDLINE', 'ARCHIVE', undefined]],
  ])('are those that the provider has: %s', (_, dialect, names) => {
    expect(Object.values(StorageTier).map((tier) => dialect.tier(tier)?.name)).toEqual(names);
  });

  it('say what must be brought back before it can be read', () => {
    const slow = [azure, s3, gcs].map((dialect) =>
      Object.values(StorageTier).filter((tier) => (dialect.tier(tier)?.rehydration ?? 0) > 0),
    );
    expect(slow).toEqual([['archive'], ['archive', 'deepArchive'], []]);
  });
});
