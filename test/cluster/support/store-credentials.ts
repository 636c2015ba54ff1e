import { existsSync, readFileSync } from 'node:fs';
import type { ObjectStorage } from '../../../lib';
import { CREDENTIALS_FILE } from '../machine/object-stores';
import { STORES } from '../stores';
import { OWN_CLUSTER } from './which-cluster';

/** Values for the keys of a storage's Secrets: this machine's stores, or with another cluster those of the environment. */
export function storeCredentials(storage: ObjectStorage): Record<string, string> {
  const own = OWN_CLUSTER && existsSync(CREDENTIALS_FILE);
  const made = own ? (JSON.parse(readFileSync(CREDENTIALS_FILE, 'utf8')) as Record<string, string>) : {};
  const value = (key: string, variable: string): string => {
    const found = made[key] ?? process.env[variable];
    if (found === undefined || found === '') {
      throw new Error(
        `with a cluster of your own, ${variable} must hold the credential of the config's object storage`,
      );
    }
    return found;
  };
  if (storage.azure !== undefined) {
    const key =
      storage.azure.account === STORES.azureSecond.account
        ? value('azureSecondKey', 'AZURE_SECOND_STORAGE_KEY')
        : value('azureKey', 'AZURE_STORAGE_KEY');
    return { 'storage-account': storage.azure.account, 'storage-key': key };
  }
  if (storage.s3Settings !== undefined) {
    return {
      region: storage.s3Settings.region,
      'access-key': value('s3AccessKey', 'AWS_ACCESS_KEY_ID'),
      'secret-key': value('s3SecretKey', 'AWS_SECRET_ACCESS_KEY'),
    };
  }
  if (storage.gcsSettings?.serviceAccountKey !== undefined) {
    return { [storage.gcsSettings.serviceAccountKey.key]: value('gcsKey', 'GOOGLE_CREDENTIALS') };
  }
  throw new Error('the proving ground has no server for this storage');
}
