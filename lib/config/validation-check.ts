import type { Duration } from 'cdk8s';

/** One statement about the restored data. */
export class ValidationCheck {
  /** At least this many rows in a table. */
  public static minimumRows(table: string, rows: number): ValidationCheck {
    const sql = `SELECT count(*) >= ${rows}, count(*)::text || ' rows, at least ${rows} expected' FROM ${quoteTable(table)}`;
    return new ValidationCheck(`rows-${table}`, sql);
  }

  /** The newest value of a time column is at most this much older than the dump. */
  public static freshness(table: string, column: string, maxAge: Duration): ValidationCheck {
    const newest = `max(${quoteName(column)})`;
    const sql =
      `SELECT coalesce(${newest} >= :'captured_at'::timestamptz - interval '${maxAge.toSeconds()} seconds', false), ` +
      `'newest ' || coalesce(${newest}::text, 'none') || ', as of ' || :'captured_at' FROM ${quoteTable(table)}`;
    return new ValidationCheck(`fresh-${table}-${column}`, sql);
  }

  /** One SQL statement that returns one row: a boolean that must be true, and a text that says what was found. */
  public static sql(name: string, statement: string): ValidationCheck {
    return new ValidationCheck(name, statement);
  }

  private constructor(
    /** Name in the report. */
    public readonly name: string,
    /** The statement that verification runs. */
    public readonly statement: string,
  ) {}
}

function quoteName(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

function quoteTable(table: string): string {
  return table.split('.').map(quoteName).join('.');
}
