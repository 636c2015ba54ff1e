import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Prints at the end of a run how long every suite took, the longest first. */
export default class SuiteTimes implements Reporter {
  public onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules
      .map((module) => ({
        suite: relative('test/cluster', module.moduleId),
        seconds: module.diagnostic().duration / 1000,
        tests: [...module.children.allTests()].length,
      }))
      .sort((a, b) => b.seconds - a.seconds);
    const lines = rows.map(
      ({ suite, seconds, tests }) => `${seconds.toFixed(0).padStart(6)} s ${String(tests).padStart(4)} tests  ${suite}`,
    );
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
}
