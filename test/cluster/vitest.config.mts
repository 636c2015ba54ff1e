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

/** Suites that take minutes each, and prove in depth what others prove once: they run when they are named, or all together. */
const THOROUGH = [
  'database/recovery',
  'drills/etcd',
  'drills/failover',
  'drills/moment',
  'drills/recovery',
  'drills/restore-test',
  'drills/snapshots',
  'every-job',
  'faults/outage',
  'faults/run',
  'faults/site',
  'faults/store',
  'gameday',
  'gcs',
  'machine/csi',
  'machine/lifecycle',
  'monitoring/healthy',
  'monitoring/pushgateway',
  'replication',
  'runbook/database',
  'runbook/objects',
  'runbook/own-name',
  'runbook/volumes',
  's3',
].map(pathOf);

/** These take the control plane down, or make every alert wait: they run only when they are named. */
const NAMED_ONLY = ['etcd-lost', 'lost-cluster', 'monitoring/incidents'].map(pathOf);

/** What the command line names. */
const words = process.argv.slice(process.argv.findIndex((word) => word.endsWith('vitest.config.mts')) + 1);
const leftOut = [...NAMED_ONLY, ...(process.env.CDK8S_DR_ALL === undefined ? THOROUGH : [])].filter(
  (path) => !words.some((word) => path.includes(word)),
);

function pathOf(name: string): string {
  return `test/cluster/${name}.test.ts`;
}

export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    exclude: [...leftOut, ...(existing ? ['test/cluster/machine/**'] : [])],
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
