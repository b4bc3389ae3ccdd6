// What a page has to load at most, in bytes of gzip: each part of the package whole, with all that it exports and the kernels.
//
//   npm run bench:size             -- [--json]
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist/browser/', import.meta.url));

async function kilobytes(script) {
  const { outputFiles } = await build({
    stdin: { contents: `export * from './${script}';`, resolveDir: dist },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}

/** Kilobytes of what tags (`sparsetag/infer`), of all that trains and tags (`sparsetag`), and of the ops of TensorFlow.js, without TensorFlow.js. */
export async function measureSizes() {
  return {
    tagKilobytes: await kilobytes('infer.js'),
    trainKilobytes: await kilobytes('index.js'),
    tfjsKilobytes: await kilobytes('tfjs.js'),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await measureSizes();
  if (process.argv.includes('--json')) console.log(JSON.stringify(sizes));
  else for (const [what, size] of Object.entries(sizes)) console.log(`${what.replace('Kilobytes', '').padEnd(6)}${size.toFixed(1)} KB`);
}
