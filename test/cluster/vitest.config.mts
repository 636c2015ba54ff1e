import { defineConfig } from 'vitest/config';

/** The cluster of this machine, unless a kubeconfig names another; what tests the machine itself then stays out. */
const existing = process.env.KUBECONFIG !== undefined;

export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    exclude: existing ? ['test/cluster/machine/**'] : [],
    globalSetup: ['test/cluster/support/global-setup.ts'],
    // One cluster, one namespace, one store: suites take turns.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 900_000,
    reporters: ['verbose'],
  },
});
