import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/scripts/**/*.test.ts'],
    globals: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
