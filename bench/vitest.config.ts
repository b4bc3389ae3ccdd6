import path from 'node:path';
import { defineConfig } from 'vitest/config';
import common from '../vitest.config.js';

// Tests that need the engines of bench/peers; `npm test` does without them.
export default defineConfig({
  ...common,
  root: path.dirname(import.meta.dirname),
  test: { ...common.test, include: ['bench/peers/*.test.ts'] },
});
