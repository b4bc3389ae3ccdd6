import path from 'node:path';
import { defineConfig } from 'vitest/config';
import common from '../../vitest.config.js';

// Tests that drive the built page in browsers; `npm test` does without them.
export default defineConfig({
  ...common,
  root: path.resolve(import.meta.dirname, '../..'),
  test: {
    ...common.test,
    include: ['test/web/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['test/web/build-page.ts'],
    hookTimeout: 180_000,
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
