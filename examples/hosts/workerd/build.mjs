import { copyFile } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: ['worker.js'],
  bundle: true,
  format: 'esm',
  outdir: 'dist',
  conditions: ['workerd'],
  external: ['*.wasm', '*.safetensors'],
});
await copyFile(new URL('kernels.simd.wasm', import.meta.resolve('sparsetag')), 'dist/kernels.simd.wasm');
