import type { ObjectStorage, SecretKey } from '../config';
import { StorageProvider } from '../config';
import { azureDialect } from './azure';
import type { StoreDialect } from './dialect';
import { Remote } from './dialect';
import { gcsDialect } from './gcs';
import { s3Dialect } from './s3';

/** The dialect of a storage; a new provider is a new file and a new line here. */
export function dialectOf(storage: ObjectStorage, remote: Remote = Remote.STORE): StoreDialect {
  const { provider, azure, s3Settings, gcsSettings } = storage;
  if (provider === StorageProvider.AZURE_BLOB && azure !== undefined) {
    return azureDialect(azure, remote);
  }
  if (provider === StorageProvider.S3 && s3Settings !== undefined) {
    return s3Dialect(s3Settings, remote);
  }
  if (provider === StorageProvider.GCS && gcsSettings !== undefined) {
    return gcsDialect(gcsSettings, remote);
  }
  throw new Error(`object storage ${provider} has no settings`);
}

/** The Secret keys that jobs need; databases may need more. */
export function jobSecrets(storage: ObjectStorage): SecretKey[] {
  const { rcloneEnvironment, rcloneFiles } = dialectOf(storage);
  return [...rcloneEnvironment, ...rcloneFiles].flatMap(({ secret }) => secret ?? []);
}

/** The Secret keys that a storage needs. */
export function storageSecrets(storage: ObjectStorage): SecretKey[] {
  return dialectOf(storage).secrets;
}
