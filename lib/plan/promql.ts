import type { Metric } from './metrics';

/** Series of a metric that have all of these labels. */
export function select(metric: Metric, labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
  return matchers.length === 0 ? metric.name : `${metric.name}{${matchers.join(',')}}`;
}

/** A regular expression that matches one of these values and nothing else, as a PromQL string. */
export function anyOf(values: readonly string[]): string {
  return quote(values.map((value) => value.replace(/[.+*?^$|(){}[\]\\]/g, '\\$&')).join('|'));
}

function quote(value: string): string {
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}
