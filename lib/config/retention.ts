import { Duration } from 'cdk8s';
import { DEFAULTS } from './defaults';

/** How long copies are kept, by age class; a copy is kept while any class still wants it. */
export interface RetentionTiers {
  /**
   * Every copy is kept this long.
   * @default - only the tiers below keep copies
   */
  readonly all?: Duration;
  /**
   * The first copy of each hour is kept this long.
   * @default - no hourly tier
   */
  readonly hourly?: Duration;
  /**
   * The first copy of each day is kept this long.
   * @default - no daily tier
   */
  readonly daily?: Duration;
  /**
   * The first copy of each week is kept this long.
   * @default - no weekly tier
   */
  readonly weekly?: Duration;
}

/** How long the copies of one protection are kept, and how many good ones are kept whatever their age. */
export class Retention {
  /** Keeps every copy for a number of days. */
  public static days(days: number): Retention {
    return new Retention({ all: Duration.days(days) }, DEFAULTS.retentionFloor);
  }

  /** Keeps copies by age class, thinning them out as they grow old. */
  public static tiered(tiers: RetentionTiers): Retention {
    return new Retention(tiers, DEFAULTS.retentionFloor);
  }

  private constructor(
    /** The age classes. */
    public readonly tiers: RetentionTiers,
    /** Newest good copies that are never deleted, whatever their age. */
    public readonly keepAtLeast: number,
  ) {}

  /** The same retention with another floor: the number of newest good copies that no prune removes. */
  public withFloor(copies: number): Retention {
    return new Retention(this.tiers, copies);
  }

  /** The longest time that any copy is kept. */
  public longest(): Duration {
    const { all, hourly, daily, weekly } = this.tiers;
    const kept = [all, hourly, daily, weekly].filter((tier) => tier !== undefined);
    return kept.reduce((a, b) => (a.toSeconds() >= b.toSeconds() ? a : b), Duration.seconds(0));
  }
}
