import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The cluster of this machine, unless a kubeconfig names another; what tests the machine itself then stays out. */
const existing = process.env.KUBECONFIG !== undefined;

/** As in machine/run.ts, which Vite would rather not load here. */
const patience = Number(process.env.CDK8S_DR_PATIENCE ?? '1');

/** Looks at what all the others have written. */
const LAST = /\/written-keys\.test\.ts$/;

/** Every run takes the suites in one order. */
class ByPath extends BaseSequencer {
  public override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): string => `${LAST.test(moduleId) ? 1 : 0} ${moduleId}`;
    return [...files].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }
}

/** Take minutes each, or take the control plane down: they run only when they are named. */
const NAMED_ONLY = ['etcd-lost', 'lost-cluster', 'monitoring/incidents']
  .filter((name) => !process.argv.some((word) => word.includes(name)))
  .map((name) => `test/cluster/${name}.test.ts`);

export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    exclude: [...NAMED_ONLY, ...(existing ? ['test/cluster/machine/**'] : [])],
    globalSetup: ['test/cluster/support/global-setup.ts'],
    // One cluster, one namespace, one store: suites take turns.
    fileParallelism: false,
    // They share one process too, so that configs are planned and rendered once.
    isolate: false,
    sequence: { sequencer: ByPath },
    testTimeout: 300_000 * patience,
    hookTimeout: 900_000 * patience,
    reporters: ['verbose', './test/cluster/support/suite-times.ts'],
  },
});
