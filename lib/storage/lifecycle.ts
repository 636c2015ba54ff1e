import type { StorageTier } from '../config';

/** A move of objects to a cheaper tier. */
export interface LifecycleMove {
  /** The tier. */
  readonly tier: StorageTier;
  /** Days after an object was written. */
  readonly afterDays: number;
}

/** One rule in the words that all providers share. */
export interface LifecycleRule {
  /** Name, unique in a policy. */
  readonly name: string;
  /** Key prefix below the container or bucket, with a slash at its end. */
  readonly prefix: string;
  /**
   * Days after which an object is deleted.
   * @default - never
   */
  readonly deleteAfterDays?: number;
  /** Days that a replaced or deleted version, or a snapshot, stays. */
  readonly versionDays: number;
  /** Days after its writing by which an object has mostly been removed; for providers that count a version's age from its writing. */
  readonly currentDays: number;
  /** Days after which the parts of an upload that never finished are removed. */
  readonly abortUploadDays: number;
  /** Moves, quickest tier first. */
  readonly moves: LifecycleMove[];
}

/** What a provider says of a storage tier. */
export interface TierFacts {
  /** The provider's name. */
  readonly name: string;
  /** Days that are charged in any case; leaving the tier earlier costs as if it had stayed. */
  readonly minimumDays: number;
  /** Age in days below which the provider refuses a move. */
  readonly earliestDays: number;
  /** Seconds until an object in the tier can be read; 0 where it can be read at once. */
  readonly rehydration: number;
}

/** Everything about lifecycle rules that differs between providers. */
export interface LifecycleDialect {
  /** What one policy governs, e.g. `storage account nextgenbackups`. */
  readonly scope: string;
  /** The right that applying takes. */
  readonly right: string;
  /** Command that prints the rules in force. */
  readonly showCommand: string;
  /** Command that applies `lifecycle.json`. */
  readonly applyCommand: string;
  /** Provider rules that one policy may have. */
  readonly mostRules: number;
  /** Whether a deletion during the immutability period fails, or succeeds and leaves the protected version behind. */
  readonly immutableDeletionFails: boolean;
  /** What the provider says of a tier; undefined where it has none for this storage. */
  tier(tier: StorageTier): TierFacts | undefined;
  /** The provider's own rules, in order. */
  rules(rules: readonly LifecycleRule[]): object[];
  /** The whole policy, as the apply command reads it. */
  policy(rules: readonly LifecycleRule[]): object;
}
