import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**', 'test/scripts/**'],
    globals: false,
    // Against tests that hang; a loaded machine is no failure.
    testTimeout: 120_000,
  },
});
