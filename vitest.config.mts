import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**', 'test/scripts/**'],
    globals: false,
    // Files of a worker share what they import, which would take longer than the tests; none of them changes it.
    isolate: false,
    maxWorkers: '100%',
    // A busy machine is no failure; a test that takes long is for whoever looks at the figures.
    testTimeout: 300_000,
  },
});
