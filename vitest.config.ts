import { defineConfig } from 'vitest/config';

// Tests import the library by its name: they get its source, not what was built last.
const conditions = ['@sparsetag/source', 'node', 'import', 'default'];
// Where .ci/run wants the outcome of every test as JSON.
const results = process.env.TEST_RESULTS;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/engines/**'],
    testTimeout: 180_000,
    pool: 'forks',
    globalSetup: ['test/helpers/build.ts'],
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
});
