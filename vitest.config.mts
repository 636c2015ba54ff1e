import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**', 'test/scripts/**'],
    globals: false,
    // Some tests start processes, which a busy machine lets wait.
    testTimeout: 60_000,
  },
});
