/** The object stores of the proving ground, under the names that the configs under test use. */
export const STORES = {
  azure: {
    account: 'nextgenbackups',
    container: 'backups',
    host: 'nextgenbackups.blob.core.windows.net',
  },
  /** The second store: another account of the same server. */
  azureSecond: {
    account: 'nextgenbackupseastus',
    container: 'backups',
    host: 'nextgenbackupseastus.blob.core.windows.net',
  },
  s3: {
    host: 's3.example.net',
    bucket: 'nextgen-backups',
  },
  gcs: {
    host: 'storage.googleapis.com',
    tokenHost: 'oauth2.googleapis.com',
    bucket: 'nextgen-backups',
    account: 'backup@nextgen.iam.gserviceaccount.com',
  },
} as const;
