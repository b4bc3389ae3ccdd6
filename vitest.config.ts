import path from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests import the library by its name: they get its source, not what was built last.
const alias = [
  { find: /^sparsetag$/, replacement: path.join(import.meta.dirname, 'src/index.ts') },
  { find: 'sparsetag/conformance', replacement: path.join(import.meta.dirname, 'src/conformance/conformance.ts') },
  { find: /^sparsetag\/([\w-]+)$/, replacement: path.join(import.meta.dirname, 'src/$1.ts') },
];
// Where .ci/run wants the outcome of every test as JSON.
const results = process.env.TEST_RESULTS;

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...['engines', 'bundlers', 'web'].map((folder) => `test/${folder}/**`)],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    globalSetup: ['test/helpers/build.ts'],
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
});
