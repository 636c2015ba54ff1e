import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/scripts/**/*.test.ts'],
    globals: false,
    // A busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
