import type { SecretKey } from '../config';
import type { LifecycleDialect } from './lifecycle';

/** One environment variable; exactly one of `value` and `secret` is given. */
export interface EnvironmentVariable {
  /** Name. */
  readonly name: string;
  /** Plain value; may refer to earlier variables as `$(NAME)`. */
  readonly value?: string;
  /** Secret key that holds the value. */
  readonly secret?: SecretKey;
}

/** A file from a Secret; its folder is mounted from it. */
export interface SecretFile {
  readonly secret: SecretKey;
  /** Absolute path at which the step reads it. */
  readonly path: string;
}

/** An address that pods must reach to get credentials. */
export interface StorePeer {
  readonly cidr: string;
  readonly port: number;
}

/** The part of a Barman Cloud ObjectStore that differs between providers (barmancloud.cnpg.io/v1 `spec.configuration`). */
export interface BarmanSettings {
  readonly destinationPath: string;
  readonly endpointUrl?: string;
  readonly credentials: object;
  /** Server-side encryption as Barman's own option, which only its S3 client reads. */
  readonly encryption?: string;
  /** Extra arguments for both WAL and base backups, one per item. */
  readonly extraArguments: string[];
  /** Environment of the sidecar. */
  readonly environment: EnvironmentVariable[];
}

/** rclone's name of a storage in a pod; it stands in the names of variables and in the paths of files. */
export enum Remote {
  /** Where jobs store what they make. */
  STORE = 'STORE',
  /** The second store. */
  TARGET = 'TARGET',
}

/** Everything provider-specific about one object storage. */
export interface StoreDialect {
  /** Short name for people and labels. */
  readonly name: string;
  /** Address of the container or bucket; two storages with the same one are one. */
  readonly location: string;
  /** What, as far as its settings show, is lost together with it. */
  readonly failsWith: string;
  /** Secret keys that must exist. */
  readonly secrets: SecretKey[];
  /** Environment that configures the rclone remote. */
  readonly rcloneEnvironment: EnvironmentVariable[];
  /** Files that rclone reads. */
  readonly rcloneFiles: SecretFile[];
  /** rclone's name of the container or bucket. */
  readonly rcloneRoot: string;
  /** Annotations of ServiceAccounts that use the store. */
  readonly serviceAccountAnnotations: Record<string, string>;
  /** Labels of pods that use the store. */
  readonly podLabels: Record<string, string>;
  /** Addresses beside the store that its credentials need. */
  readonly peers: StorePeer[];
  /** Barman's settings for archives below a key prefix. */
  barman(path: string): BarmanSettings;
  /** Lifecycle rules in the provider's words. */
  readonly lifecycle: LifecycleDialect;
}
