// The whole build: `node build.mjs` makes dist/; `node build.mjs kernels` only the WASM modules.
import { execFile } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
const require = createRequire(import.meta.url);

const KERNEL_TARGETS = { simd: 'assembly/index.ts', threads: 'assembly/index.ts', scalar: 'assembly/index.scalar.ts' };

async function newestChange(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries.filter((e) => e.isFile()).map(async (e) => (await stat(path.join(e.parentPath, e.name))).mtimeMs),
  );
  return Math.max(...times, (await stat(path.join(root, 'asconfig.json'))).mtimeMs);
}

/** Compiles the kernel modules whose sources are newer than their binaries. */
export async function buildKernels() {
  await mkdir(path.join(root, 'dist'), { recursive: true });
  const changed = await newestChange('assembly');
  const asc = path.join(path.dirname(require.resolve('assemblyscript/package.json')), 'bin/asc.js');
  await Promise.all(
    Object.entries(KERNEL_TARGETS).map(async ([target, entry]) => {
      const built = await stat(path.join(root, `dist/kernels.${target}.wasm`)).catch(() => null);
      if (built && built.mtimeMs > changed) return;
      await run(process.execPath, [asc, entry, '--target', target], { cwd: root });
    }),
  );
}

async function buildScripts() {
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    outdir: 'dist',
    logLevel: 'warning',
  };
  await build({ ...common, platform: 'node', conditions: ['source'], entryPoints: { index: 'src/index.ts' } });
  await build({
    ...common,
    platform: 'node',
    entryPoints: { cli: 'cli/main.ts' },
    external: ['sparsetag'],
    banner: { js: '#!/usr/bin/env node' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels();
  if (process.argv[2] !== 'kernels') await buildScripts();
}
