// What a page has to load, in bytes of gzip: the script with one part of the API, and the kernels.
//
//   npm run bench:size             -- [--json]
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const compressed = (bytes) => gzipSync(bytes, { level: 9 }).length;

async function scriptBytes(names) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from './src/index.ts';`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
  return compressed(outputFiles[0].contents);
}

const kernels = compressed(await readFile(new URL('../dist/kernels.simd.wasm', import.meta.url)));
const [tag, all] = [await scriptBytes(['Tagger']), await scriptBytes(['Tagger', 'train', 'resolveConfig', 'makeCorpus'])];
const result = { tagKilobytes: (tag + kernels) / 1000, trainKilobytes: (all + kernels) / 1000 };
if (process.argv.includes('--json')) console.log(JSON.stringify(result));
else {
  console.log(`kernels ${kernels} bytes; script that tags ${tag}, that trains and tags ${all}`);
  console.log(`together ${result.tagKilobytes.toFixed(1)} KB to tag, ${result.trainKilobytes.toFixed(1)} KB to train and tag`);
}
