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
} as const;
