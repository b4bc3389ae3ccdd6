// Writes docs/kernels.md from the built kernels: `npm run build && node tools/kernel-hashes.mjs`.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { KERNEL_TARGETS } from '../build.mjs';

const dist = new URL('../dist/', import.meta.url);
const rows = Object.keys(KERNEL_TARGETS).map(async (build) => {
  const bytes = await readFile(new URL(`kernels.${build}.wasm`, dist));
  return `| ${build} | ${bytes.length} | \`${createHash('sha256').update(bytes).digest('hex')}\` |\n`;
});

await writeFile(
  new URL('../docs/kernels.md', import.meta.url),
  `# Kernel builds

A clean build of this version gives these bytes with any version of Node (\`npm run test:engines\` compiles with two). \`sparsetag
--version --json\` prints the hashes of an installation, and the report of every training the one of the build that computed it.

| build | bytes | SHA-256 |
|---|---|---|
${(await Promise.all(rows)).join('')}`,
);
