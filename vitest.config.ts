import { defineConfig } from 'vitest/config';

// Tests import the library by its name: they get its source, not what was built last.
const conditions = ['@sparsetag/source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    globalSetup: ['test/helpers/build-kernels.ts'],
  },
});
