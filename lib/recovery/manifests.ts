import { App, Chart } from 'cdk8s';

/** The objects that constructs make; restores are printed, and are never part of what is synthesised. */
export function manifestsOf(build: (chart: Chart) => void): object[] {
  const chart = new Chart(new App(), 'restore');
  build(chart);
  return chart.toJson();
}
