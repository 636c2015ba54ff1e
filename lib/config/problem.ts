/** One mistake in a config: where it is, what was given, what is allowed, and the nearest setting that works. */
export interface Problem {
  /** Stable id of the rule that was broken, e.g. `schedule-unparsable`. */
  readonly rule: string;
  /** Path of the setting, e.g. `databases[0].dumps.tiers[1].schedule`. */
  readonly path: string;
  /** The value that was given, as text. */
  readonly actual: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
  /** The nearest setting that works. */
  readonly fix: string;
}

/** Collects the problems of one config, so that a user sees all of them at once and never only the first. */
export class Problems {
  private readonly found: Problem[] = [];

  /** Adds one problem. */
  public add(rule: string, path: string, actual: unknown, message: string, fix: string): void {
    this.found.push({ rule, path, actual: textOf(actual), message, fix });
  }

  /** All problems, in the order in which they were found. */
  public list(): Problem[] {
    return [...this.found];
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') {
    return value === '' ? '(empty)' : value;
  }
  return value === undefined ? '(missing)' : String(value);
}
