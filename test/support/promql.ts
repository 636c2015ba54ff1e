/** Words of PromQL that the generated expressions use, and that are no metric names. */
const LANGUAGE = new Set(
  'and or unless on by bool max min sum count time vector absent clamp_max label_replace avg_over_time last_over_time min_over_time max_over_time quantile_over_time'.split(
    ' ',
  ),
);

/** Names of the metrics that an expression reads. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(by|on)\s*\([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '');
  const words = bare.match(/\b[a-z_][a-z0-9_]*\b/g) ?? [];
  return [...new Set(words.filter((word) => !LANGUAGE.has(word)))];
}
