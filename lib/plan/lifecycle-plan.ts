import type { AzureServiceOperatorConfig, LifecycleMode } from '../config';
import type { LifecycleRule } from '../storage';

/** Who removes what is no longer needed. */
export enum Remover {
  /** A prune job, which keeps the newest good copies whatever their age. */
  JOB = 'job',
  /** Barman, by the recovery window of its ObjectStore. */
  BARMAN = 'barman',
  /** Nothing but a lifecycle rule. */
  RULE = 'rule',
  /** Nobody; a person, when it is certain that it is no longer needed. */
  NOBODY = 'nobody',
}

/** A key prefix below which something writes, and how long that must live. */
export interface WrittenPrefix {
  /** The prefix, with a slash at its end. */
  readonly prefix: string;
  /** Prefix of the generated rule that covers it: its own, or one that it shares. */
  readonly rulePrefix: string;
  /** The asset, e.g. `database nextgen-postgres`. */
  readonly asset: string;
  /** What is written, e.g. `dumps of tier daily`. */
  readonly content: string;
  /**
   * The protection in the plan's table that restores from it.
   * @default - nothing is restored from it
   */
  readonly protection?: string;
  /** The object that is stored last and commits a folder below the prefix; empty where each object stands for itself. */
  readonly marker: string;
  /** Whether what lies below it is enough to restore from, without anything that lies elsewhere. */
  readonly selfContained: boolean;
  /** Whether only the newest copy is worth anything, as of a stream. */
  readonly newestOnly: boolean;
  /** Most bytes that are written at a time, as far as the config says. */
  readonly bytes: number;
  /** Shortest time in seconds from one writing to the next. */
  readonly interval: number;
  /** Path of its retention in the config. */
  readonly path: string;
  /** Who removes it. */
  readonly remover: Remover;
  /** The remover in words, e.g. `CronJob postgres-backup-prune`. */
  readonly removedBy: string;
  /** Seconds before which nothing is removed. */
  readonly retention: number;
  /** Seconds that the newest copies, which the remover keeps whatever their age, may reach while runs succeed; 0 without such a floor. */
  readonly floor: number;
  /** Copies of that floor. */
  readonly keepAtLeast: number;
  /** Seconds after the retention by which the remover has run. */
  readonly removalDelay: number;
  /** Whether age says that an object is no longer needed; of an archive it says nothing. */
  readonly expiresByAge: boolean;
  /** Seconds that an upload may take. */
  readonly longestUpload: number;
}

/** A rule of the plan: what a provider is told, and why. */
export interface PlannedLifecycleRule extends LifecycleRule {
  /** Path of the setting that it comes from. */
  readonly path: string;
  /** Whether the config gives it. */
  readonly given: boolean;
  /**
   * Seconds that a restore from a moved copy may take.
   * @default - the RTO of the asset
   */
  readonly restoreWithin?: number;
  /**
   * Who else writes below its prefix.
   * @default - nobody; something in the plan does
   */
  readonly writtenBy?: string;
  /** Why its days are what they are. */
  readonly reason: string;
}

/** What the store itself removes or moves. */
export interface LifecyclePlan {
  /** Name of the ConfigMap, and of the operator's object. */
  readonly name: string;
  /** Namespace of both. */
  readonly namespace: string;
  readonly mode: LifecycleMode;
  /** The rules, in the order of what is written. */
  readonly rules: PlannedLifecycleRule[];
  /** Every prefix that is written. */
  readonly written: WrittenPrefix[];
  /**
   * Azure Service Operator, with its version resolved.
   * @default - a ConfigMap only, which applies nothing
   */
  readonly azureServiceOperator?: AzureServiceOperatorConfig;
}
