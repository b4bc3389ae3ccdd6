// Fuzzes every reader (CONTRIBUTING.md): bundles main.ts, which runs threads of its own, and runs it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(path.join(tmpdir(), 'sparsetag-fuzz-'));
try {
  const outfile = path.join(folder, 'fuzz.mjs');
  const entry = fileURLToPath(new URL('main.ts', import.meta.url));
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile, sourcemap: 'inline', logLevel: 'error' });
  const kernels = fileURLToPath(new URL('../../dist/kernels.simd.wasm', import.meta.url));
  const args = ['--enable-source-maps', outfile, '--kernels', kernels, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
