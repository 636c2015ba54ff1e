import type { ScheduledRun } from './recovery-plan';

/** What lies below a prefix. */
export enum StoredKind {
  /** Runs, each in a folder of its own, committed by their marker. */
  RUNS = 'runs',
  /** WAL, in a folder for every 256 segments of a timeline. */
  WAL = 'wal',
}

/** A prefix whose newest backup is looked for. */
export interface ProbedPrefix {
  readonly kind: StoredKind;
  /** Key prefix, without a slash at its end. */
  readonly prefix: string;
  /** Labels of what is found. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A job that looks into the store, reads names and times only, and reports how old the newest backups are. */
export interface ProbePlan {
  readonly site: string;
  readonly namespace: string;
  readonly cronJob: string;
  /** The store in metrics: its label `store`. */
  readonly store: string;
  readonly run: ScheduledRun;
  /** Seconds that the store has for each answer. */
  readonly answerWithin: number;
  /** Seconds that what it last reported may be old while everything goes as planned. */
  readonly lag: number;
  readonly prefixes: ProbedPrefix[];
  /** Whether the credential of the store says when it expires. */
  readonly credentialExpires: boolean;
  /** Path of its schedule. */
  readonly path: string;
}
