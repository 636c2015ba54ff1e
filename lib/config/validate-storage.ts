import type { ObjectStorage, ServerSideEncryption } from './object-storage';
import { ServerSideEncryptionKind, StorageProvider } from './object-storage';
import type { Problems } from './problem';
import type { SecretKey } from './secret-key';
import { requirePositive } from './validate-values';

interface Choice {
  readonly name: string;
  readonly given: boolean;
}

const VALIDATORS: Record<StorageProvider, (storage: ObjectStorage, path: string, problems: Problems) => void> = {
  [StorageProvider.AZURE_BLOB]: validateAzure,
  [StorageProvider.S3]: validateS3,
  [StorageProvider.GCS]: validateGcs,
};

/** Checks one object storage: exactly one credential, an encryption of its own provider, usable names. */
export function validateStorage(storage: ObjectStorage, path: string, problems: Problems): void {
  VALIDATORS[storage.provider](storage, path, problems);
  requirePositive(storage.immutableDays, `${path}.immutableDays`, 0, problems);
}

/** Checks that a reference names both Secret and key. */
export function validateSecretKey(secret: SecretKey | undefined, path: string, problems: Problems): void {
  if (secret === undefined || secret.secretName === '' || secret.key === '') {
    const given = secret === undefined ? undefined : `${secret.secretName}/${secret.key}`;
    problems.add('secret-missing', path, given, 'must name a Secret and a key in it', 'give secretName and key');
  }
}

function validateAzure(storage: ObjectStorage, path: string, problems: Problems): void {
  const azure = storage.azure;
  if (azure === undefined) {
    return;
  }
  requireName('account', azure.account, /^[a-z0-9]{3,24}$/, '3 to 24 lower-case letters and digits', path, problems);
  requireName(
    'container',
    azure.container,
    /^[a-z0-9](-?[a-z0-9]){2,62}$/,
    '3 to 63 lower-case letters, digits and single hyphens',
    path,
    problems,
  );
  requireOneCredential(
    [
      { name: 'accountKey', given: azure.accountKey !== undefined },
      { name: 'sasToken', given: azure.sasToken !== undefined },
      { name: 'workloadIdentity', given: azure.workloadIdentity !== undefined },
    ],
    path,
    problems,
  );
  requireSecretName(azure.accountKey?.secretName, `${path}.accountKey.secretName`, problems);
  requireSecretName(azure.sasToken?.secretName, `${path}.sasToken.secretName`, problems);
  requireEncryption(
    azure.serverSideEncryption,
    [ServerSideEncryptionKind.AZURE_SCOPE],
    'ServerSideEncryption.azureScope(...)',
    path,
    problems,
  );
}

function validateS3(storage: ObjectStorage, path: string, problems: Problems): void {
  const s3 = storage.s3Settings;
  if (s3 === undefined) {
    return;
  }
  requireName(
    'bucket',
    s3.bucket,
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    '3 to 63 lower-case letters, digits, dots and hyphens',
    path,
    problems,
  );
  if (s3.endpoint !== undefined && !/^https?:\/\/[^/\s]+$/.test(s3.endpoint)) {
    problems.add(
      'endpoint-invalid',
      `${path}.endpoint`,
      s3.endpoint,
      'must be a service URL without a path',
      'write it like https://s3.example.net',
    );
  }
  requireOneCredential(
    [
      { name: 'accessKeys', given: s3.accessKeys !== undefined },
      { name: 'iamRoleArn', given: s3.iamRoleArn !== undefined },
    ],
    path,
    problems,
  );
  requireSecretName(s3.accessKeys?.secretName, `${path}.accessKeys.secretName`, problems);
  requireEncryption(
    s3.serverSideEncryption,
    [ServerSideEncryptionKind.AES256, ServerSideEncryptionKind.AWS_KMS],
    'ServerSideEncryption.aes256() or ServerSideEncryption.awsKms(...)',
    path,
    problems,
  );
}

function validateGcs(storage: ObjectStorage, path: string, problems: Problems): void {
  const gcs = storage.gcsSettings;
  if (gcs === undefined) {
    return;
  }
  requireName(
    'bucket',
    gcs.bucket,
    /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/,
    '3 to 63 lower-case letters, digits, dots, underscores and hyphens',
    path,
    problems,
  );
  requireOneCredential(
    [
      { name: 'serviceAccountKey', given: gcs.serviceAccountKey !== undefined },
      { name: 'workloadIdentity', given: gcs.workloadIdentity !== undefined },
    ],
    path,
    problems,
  );
  if (gcs.serviceAccountKey !== undefined) {
    validateSecretKey(gcs.serviceAccountKey, `${path}.serviceAccountKey`, problems);
  }
  requireEncryption(
    gcs.serverSideEncryption,
    [ServerSideEncryptionKind.GCS_KMS],
    'ServerSideEncryption.gcsKms(...)',
    path,
    problems,
  );
}

function requireName(
  field: string,
  value: string,
  pattern: RegExp,
  allowed: string,
  path: string,
  problems: Problems,
): void {
  if (!pattern.test(value)) {
    problems.add(
      'storage-name-invalid',
      `${path}.${field}`,
      value,
      `must be ${allowed}`,
      `name the ${field} as the provider shows it`,
    );
  }
}

function requireOneCredential(choices: readonly Choice[], path: string, problems: Problems): void {
  const given = choices.filter((choice) => choice.given).map((choice) => choice.name);
  if (given.length !== 1) {
    const allowed = choices.map((choice) => choice.name).join(', ');
    const fix = given.length === 0 ? `give ${choices[0]?.name}` : `keep ${given[0]} and remove the others`;
    problems.add(
      'storage-credentials',
      path,
      given.join(' and ') || undefined,
      `must have exactly one of: ${allowed}`,
      fix,
    );
  }
}

function requireSecretName(secretName: string | undefined, path: string, problems: Problems): void {
  if (secretName === '') {
    problems.add(
      'secret-missing',
      path,
      secretName,
      'must name a Secret',
      'give the name of the Secret that holds the credential',
    );
  }
}

function requireEncryption(
  encryption: ServerSideEncryption | undefined,
  allowed: readonly ServerSideEncryptionKind[],
  factories: string,
  path: string,
  problems: Problems,
): void {
  if (encryption !== undefined && !allowed.includes(encryption.kind)) {
    problems.add(
      'storage-encryption',
      `${path}.serverSideEncryption`,
      encryption.kind,
      `must be a kind that this provider has: ${factories}`,
      `use ${factories}, or leave it out for the provider's default`,
    );
  }
}
