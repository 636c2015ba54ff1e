import type { SecretKey } from './secret-key';

/** Kind of object storage. */
export enum StorageProvider {
  AZURE_BLOB = 'azureBlob',
  S3 = 's3',
  GCS = 'gcs',
}

/** An Azure storage account key. CloudNativePG reads the account's name from the Secret too (barmancloud.cnpg.io ObjectStore, `azureCredentials.storageAccount`). */
export interface AzureAccountKey {
  /** Secret in the asset's namespace. */
  readonly secretName: string;
  /**
   * Key holding the account's name.
   * @default "storage-account"
   */
  readonly accountKey?: string;
  /**
   * Key holding the account's key.
   * @default "storage-key"
   */
  readonly storageKey?: string;
}

/** A shared access signature (without a leading `?`), beside the account's name. */
export interface AzureSasToken {
  /** Secret in the asset's namespace. */
  readonly secretName: string;
  /**
   * Key holding the account's name.
   * @default "storage-account"
   */
  readonly accountKey?: string;
  /**
   * Key holding the signature.
   * @default "sas-token"
   */
  readonly sasKey?: string;
}

/** Azure Workload Identity: the ServiceAccount is annotated and the pod labelled for the mutating webhook. */
export interface AzureWorkloadIdentity {
  /** Client id of the managed identity. */
  readonly clientId: string;
}

/** Azure Blob Storage; exactly one of the credentials must be given. */
export interface AzureBlobProps {
  /** Storage account. */
  readonly account: string;
  /** Blob container; it must exist. */
  readonly container: string;
  /**
   * Account key.
   * @default - another credential is given
   */
  readonly accountKey?: AzureAccountKey;
  /**
   * Shared access signature.
   * @default - another credential is given
   */
  readonly sasToken?: AzureSasToken;
  /**
   * Workload identity.
   * @default - another credential is given
   */
  readonly workloadIdentity?: AzureWorkloadIdentity;
  /**
   * Server-side encryption beyond what the account always does.
   * @default - the account's own encryption at rest
   */
  readonly serverSideEncryption?: ServerSideEncryption;
  /**
   * Immutability (WORM) period of the container that exists already: days in which nothing can be deleted.
   * @default - none
   */
  readonly immutableDays?: number;
}

/** An S3 access key pair. CloudNativePG reads the region from the Secret too. */
export interface S3AccessKeys {
  /** Secret in the asset's namespace. */
  readonly secretName: string;
  /**
   * Key holding the access key id.
   * @default "access-key"
   */
  readonly accessKeyId?: string;
  /**
   * Key holding the secret access key.
   * @default "secret-key"
   */
  readonly secretAccessKey?: string;
  /**
   * Key holding the region.
   * @default "region"
   */
  readonly regionKey?: string;
}

/** Amazon S3 or a compatible store; exactly one of the credentials must be given. */
export interface S3Props {
  /** Bucket; it must exist. */
  readonly bucket: string;
  /** Region; S3-compatible stores mostly accept `us-east-1`. */
  readonly region: string;
  /**
   * Service URL of an S3-compatible store.
   * @default - Amazon S3
   */
  readonly endpoint?: string;
  /**
   * Access keys.
   * @default - another credential is given
   */
  readonly accessKeys?: S3AccessKeys;
  /**
   * IAM role for service accounts (IRSA): the role's ARN.
   * @default - another credential is given
   */
  readonly iamRoleArn?: string;
  /**
   * Server-side encryption.
   * @default - the bucket's own default
   */
  readonly serverSideEncryption?: ServerSideEncryption;
  /**
   * Immutability (WORM) period of the bucket that exists already: days in which nothing can be deleted.
   * @default - none
   */
  readonly immutableDays?: number;
}

/** Google Cloud Storage; exactly one of the credentials must be given. */
export interface GcsProps {
  /** Bucket; it must exist. */
  readonly bucket: string;
  /**
   * JSON key file of a service account.
   * @default - another credential is given
   */
  readonly serviceAccountKey?: SecretKey;
  /**
   * GKE workload identity: the Google service account's mail address.
   * @default - another credential is given
   */
  readonly workloadIdentity?: string;
  /**
   * Server-side encryption.
   * @default - the bucket's own default
   */
  readonly serverSideEncryption?: ServerSideEncryption;
  /**
   * Immutability (WORM) period of the bucket that exists already: days in which nothing can be deleted.
   * @default - none
   */
  readonly immutableDays?: number;
}

/** Dialects of server-side encryption. */
export enum ServerSideEncryptionKind {
  AES256 = 'AES256',
  AWS_KMS = 'aws:kms',
  AZURE_SCOPE = 'azure-encryption-scope',
  GCS_KMS = 'gcs-kms',
}

/** Encryption that the storage service does; each kind belongs to one provider. */
export class ServerSideEncryption {
  /** S3-managed keys (S3 only). */
  public static aes256(): ServerSideEncryption {
    return new ServerSideEncryption(ServerSideEncryptionKind.AES256, undefined);
  }

  /** A key of AWS KMS, by its ARN (S3 only). */
  public static awsKms(keyArn: string): ServerSideEncryption {
    return new ServerSideEncryption(ServerSideEncryptionKind.AWS_KMS, keyArn);
  }

  /** An encryption scope of the storage account (Azure only). */
  public static azureScope(scope: string): ServerSideEncryption {
    return new ServerSideEncryption(ServerSideEncryptionKind.AZURE_SCOPE, scope);
  }

  /** A key of Google Cloud KMS, by its resource name (GCS only). */
  public static gcsKms(keyName: string): ServerSideEncryption {
    return new ServerSideEncryption(ServerSideEncryptionKind.GCS_KMS, keyName);
  }

  private constructor(
    /** The dialect. */
    public readonly kind: ServerSideEncryptionKind,
    /** Key or scope, where the dialect has one. */
    public readonly key: string | undefined,
  ) {}
}

/** Where backups are stored. */
export class ObjectStorage {
  /** Azure Blob Storage. */
  public static azureBlob(props: AzureBlobProps): ObjectStorage {
    return new ObjectStorage(StorageProvider.AZURE_BLOB, props, undefined, undefined, props.immutableDays ?? 0);
  }

  /** Amazon S3 or an S3-compatible store. */
  public static s3(props: S3Props): ObjectStorage {
    return new ObjectStorage(StorageProvider.S3, undefined, props, undefined, props.immutableDays ?? 0);
  }

  /** Google Cloud Storage. */
  public static gcs(props: GcsProps): ObjectStorage {
    return new ObjectStorage(StorageProvider.GCS, undefined, undefined, props, props.immutableDays ?? 0);
  }

  private constructor(
    /** The kind of storage. */
    public readonly provider: StorageProvider,
    /** Settings of Azure Blob Storage. */
    public readonly azure: AzureBlobProps | undefined,
    /** Settings of S3. */
    public readonly s3Settings: S3Props | undefined,
    /** Settings of Google Cloud Storage. */
    public readonly gcsSettings: GcsProps | undefined,
    /** Days in which nothing can be deleted; 0 without an immutability period. */
    public readonly immutableDays: number,
  ) {}
}
