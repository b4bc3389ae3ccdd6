import path from 'node:path';
import { defineConfig } from 'vitest/config';
import common from '../../vitest.config.js';

// Tests of the packed package in bundlers and hosts, which test/bundlers/package.json installs; `npm test` does without them.
export default defineConfig({
  ...common,
  root: path.resolve(import.meta.dirname, '../..'),
  test: {
    ...common.test,
    include: ['test/bundlers/*.test.ts'],
    exclude: ['**/node_modules/**'],
    hookTimeout: 180_000,
    globalSetup: ['test/bundlers/package-under-test.ts'],
  },
});
