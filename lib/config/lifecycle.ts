import type { Duration } from 'cdk8s';

/** When rules delete what jobs were to remove before. */
export enum LifecycleMode {
  /** A margin after the retention: a rule keeps no newest copies as jobs do, so it must leave time to notice that backups stopped. */
  BACKSTOP = 'backstop',
  /** As soon as the retention is over, for stores in which jobs may not delete. When backups stop, the last good copy goes too. */
  ENFORCE = 'enforce',
}

/** Storage tiers from the quickest to the cheapest; the plan refuses those that a provider does not have. */
export enum StorageTier {
  /** Azure cool, S3 Standard-IA, GCS Nearline. */
  COOL = 'cool',
  /** Azure cold, S3 Glacier Instant Retrieval, GCS Coldline. */
  COLD = 'cold',
  /** Azure archive, S3 Glacier Flexible Retrieval, GCS Archive; on Azure and S3 a copy must be brought back before it can be read. */
  ARCHIVE = 'archive',
  /** S3 Glacier Deep Archive. */
  DEEP_ARCHIVE = 'deepArchive',
}

/** A move of older copies to a cheaper tier. */
export interface StorageTierMove {
  /** The tier. */
  readonly tier: StorageTier;
  /** Age at which a copy is moved, in whole days. */
  readonly after: Duration;
}

/** One rule; what it leaves out is derived from the retention of what is written below its prefix. */
export interface LifecycleRuleConfig {
  /** Key prefix below the container or bucket, always a whole folder, e.g. `postgres/daily`. */
  readonly prefix: string;
  /**
   * Age at which an object is deleted, in whole days.
   * @default - derived where the prefix is that of a generated rule, otherwise never
   */
  readonly deleteAfter?: Duration;
  /**
   * How long replaced and deleted versions, and snapshots, stay, in whole days.
   * @default - that of all rules
   */
  readonly versionsFor?: Duration;
  /**
   * Moves to cheaper tiers, quickest tier first.
   * @default - none
   */
  readonly moves?: StorageTierMove[];
  /**
   * How long a restore from a copy that was moved may take; it replaces the asset's RTO for old copies that are kept as history.
   * @default - the RTO of the asset
   */
  readonly restoreWithin?: Duration;
  /**
   * Who writes below the prefix, where it is something else than this config: applying a policy replaces the rules of others too.
   * @default - jobs of this config
   */
  readonly writtenBy?: string;
}

/** Azure Service Operator, which applies the policy from inside the cluster; exactly one owner must be given. */
export interface AzureServiceOperatorConfig {
  /**
   * Name of the operator's StorageAccount object in the namespace of the policy.
   * @default - `ownerArmId` is given
   */
  readonly ownerName?: string;
  /**
   * ARM id of a storage account that the operator does not manage.
   * @default - `ownerName` is given
   */
  readonly ownerArmId?: string;
  /**
   * API version; newer installations also serve `storage.azure.com/v20230101` and later.
   * @default "storage.azure.com/v1api20230101"
   */
  readonly apiVersion?: string;
}

/** Rules by which the store itself removes what is left over. A ConfigMap with them applies nothing by itself. */
export interface LifecycleConfig {
  /**
   * When rules delete what jobs were to remove before.
   * @default LifecycleMode.BACKSTOP
   */
  readonly mode?: LifecycleMode;
  /**
   * Time between the end of the retention and the backstop, in whole days.
   * @default Duration.days(90)
   */
  readonly margin?: Duration;
  /**
   * How long replaced and deleted versions, and snapshots, stay, in whole days.
   * @default Duration.days(14)
   */
  readonly versionsFor?: Duration;
  /**
   * How long reports stay, which no job removes, in whole days.
   * @default Duration.days(365)
   */
  readonly reportsFor?: Duration;
  /**
   * Rules of your own; one whose prefix is that of a generated rule takes its place.
   * @default - all rules are generated
   */
  readonly rules?: LifecycleRuleConfig[];
  /**
   * Whether prefixes without a rule of yours get a generated one.
   * @default true
   */
  readonly generate?: boolean;
  /**
   * Namespace of the ConfigMap and of the operator's object.
   * @default - the site's namespace
   */
  readonly namespace?: string;
  /**
   * Azure Service Operator.
   * @default - the policy is applied by hand or by a pipeline
   */
  readonly azureServiceOperator?: AzureServiceOperatorConfig;
}
