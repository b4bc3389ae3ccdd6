import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

await build({ entryPoints: ['main.js'], bundle: true, minify: true, format: 'esm', outfile: 'dist/main.js' });
// TensorFlow.js looks for its own kernels in files.
const backend = path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
await cp(path.join(backend, 'dist'), 'dist', { recursive: true, filter: (file) => !path.extname(file) || file.endsWith('.wasm') });
