// What a page has to load, in bytes of gzip: a bundle of one part of the package, kernels included.
//
//   npm run bench:size             -- [--json]
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist/browser/', import.meta.url));

async function bundleBytes(names, script) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from './${script}';`, resolveDir: dist },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/** Bytes of what tags and of what trains and tags. */
export async function measureSizes() {
  const tag = await bundleBytes(['Tagger', 'splitText', 'runtimeInfo'], 'infer.js');
  const train = await bundleBytes(['Tagger', 'train', 'resolveConfig', 'makeCorpus'], 'index.js');
  return { tagKilobytes: tag / 1000, trainKilobytes: train / 1000 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await measureSizes();
  if (process.argv.includes('--json')) console.log(JSON.stringify(sizes));
  else console.log(`${sizes.tagKilobytes.toFixed(1)} KB to tag, ${sizes.trainKilobytes.toFixed(1)} KB to train and tag`);
}
