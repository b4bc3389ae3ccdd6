import path from 'node:path';
import { defineConfig } from 'vitest/config';
import common from '../../vitest.config.js';

// The conformance suite in other engines; `npm test` does without them.
export default defineConfig({
  ...common,
  root: path.dirname(path.dirname(import.meta.dirname)),
  test: { ...common.test, include: ['test/engines/*.test.ts'], exclude: [], testTimeout: 1_200_000, hookTimeout: 60_000 },
});
