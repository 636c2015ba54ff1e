import { describe, expect, it } from 'vitest';
import { nextgen } from '../../app';
import type { ObjectStorage } from '../../lib';
import { dialectOf } from '../../lib/storage';
import { otherStorages, variants } from '../support/configs';

const storages: Record<string, ObjectStorage> = { azure: nextgen.storage, ...otherStorages };
for (const [name, config] of Object.entries(variants)) {
  storages[name] = config.storage;
}

function of(name: string) {
  const dialect = dialectOf(storages[name] as ObjectStorage);
  const rclone = Object.fromEntries(
    dialect.rcloneEnvironment.map(({ name: key, value, secret }) => [
      key.replace('RCLONE_CONFIG_STORE_', ''),
      secret === undefined ? value : `${secret.secretName}/${secret.key}`,
    ]),
  );
  return { ...dialect, rclone, archive: dialect.barman('orders') };
}

describe('object storage', () => {
  it.each([
    ['azure', 'https://nextgenbackups.blob.core.windows.net/backups/orders', 'store:backups'],
    ['s3-compatible', 's3://nextgen-backups/orders', 'store:nextgen-backups'],
    ['gcs', 'gs://nextgen-backups/orders', 'store:nextgen-backups'],
  ])('on %s is one place for archive and jobs: %s', (name, destinationPath, root) => {
    expect(of(name).archive.destinationPath).toBe(destinationPath);
    expect(of(name).rcloneRoot).toBe(root);
  });

  it.each([
    ['azure', { TYPE: 'azureblob', ACCOUNT: 'nextgenbackups', KEY: 'azure-backup-credentials/storage-key' }],
    [
      'azure sas',
      {
        TYPE: 'azureblob',
        STORE_SAS_TOKEN: 'sas/sas-token',
        SAS_URL: 'https://shopbackups.blob.core.windows.net/backups?$(STORE_SAS_TOKEN)',
      },
    ],
    ['azure workload identity', { TYPE: 'azureblob', ACCOUNT: 'shopbackups', ENV_AUTH: 'true' }],
    [
      's3-compatible',
      { TYPE: 's3', PROVIDER: 'Other', ACCESS_KEY_ID: 's3-credentials/access-key', SERVER_SIDE_ENCRYPTION: 'AES256' },
    ],
    ['s3 kms with irsa', { TYPE: 's3', PROVIDER: 'AWS', ENV_AUTH: 'true', SERVER_SIDE_ENCRYPTION: 'aws:kms' }],
    [
      'gcs',
      { TYPE: 'google cloud storage', SERVICE_ACCOUNT_FILE: '/store/credentials.json', BUCKET_POLICY_ONLY: 'true' },
    ],
    ['gcs workload identity', { TYPE: 'google cloud storage', ENV_AUTH: 'true' }],
  ])('configures rclone by environment alone on %s', (name, environment) => {
    expect(of(name).rclone).toMatchObject(environment);
  });

  it.each(Object.keys(storages))('never lets rclone create the container or bucket that a typo names: %s', (name) => {
    expect(of(name).rclone[name.startsWith('azure') ? 'NO_CHECK_CONTAINER' : 'NO_CHECK_BUCKET']).toBe('true');
  });

  it.each([
    [
      'azure',
      {
        azureCredentials: {
          storageAccount: { name: 'azure-backup-credentials', key: 'storage-account' },
          storageKey: { name: 'azure-backup-credentials', key: 'storage-key' },
        },
      },
    ],
    [
      'azure sas',
      {
        azureCredentials: {
          storageAccount: { name: 'sas', key: 'storage-account' },
          storageSasToken: { name: 'sas', key: 'sas-token' },
        },
      },
    ],
    ['azure workload identity', { azureCredentials: { inheritFromAzureAd: true } }],
    ['s3 kms with irsa', { s3Credentials: { inheritFromIamRole: true } }],
    ['gcs', { googleCredentials: { applicationCredentials: { name: 'gcs-credentials', key: 'key.json' } } }],
    ['gcs workload identity', { googleCredentials: { gkeEnvironment: true } }],
  ])('gives Barman exactly one credential on %s', (name, credentials) => {
    expect(of(name).archive.credentials).toEqual(credentials);
  });

  it('passes server-side encryption in the dialect of the provider', () => {
    expect(of('s3-compatible').archive.encryption).toBe('AES256');
    expect(of('s3 kms with irsa').archive).toMatchObject({
      encryption: 'aws:kms',
      extraArguments: ['--sse-kms-key-id=arn:aws:kms:eu-central-1:123456789012:key/1'],
    });
    expect(of('azure workload identity').archive).toMatchObject({ extraArguments: ['--encryption-scope=backups'] });
    expect(of('gcs').archive.extraArguments).toEqual([
      '--kms-key-name=projects/p/locations/eu/keyRings/r/cryptoKeys/k',
    ]);
  });

  it('marks pods and ServiceAccounts for workload identity', () => {
    expect(of('azure workload identity')).toMatchObject({
      podLabels: { 'azure.workload.identity/use': 'true' },
      serviceAccountAnnotations: { 'azure.workload.identity/client-id': '00000000-0000-0000-0000-000000000000' },
    });
    expect(of('s3 kms with irsa').serviceAccountAnnotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/backup',
    });
    expect(of('gcs workload identity').serviceAccountAnnotations).toEqual({
      'iam.gke.io/gcp-service-account': 'backup@p.iam.gserviceaccount.com',
    });
    expect(of('gcs workload identity').peers).toContainEqual({ cidr: '169.254.169.252/32', port: 988 });
  });
});
