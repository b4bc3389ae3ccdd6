// The whole build: `node build.mjs` makes dist/; `node build.mjs kernels` only the WASM modules.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Entry of each kernel build. */
export const KERNEL_TARGETS = { simd: 'assembly/index.ts', threads: 'assembly/index.ts', scalar: 'assembly/index.scalar.ts' };

async function newestChange(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true });
  const times = await Promise.all(
    entries.filter((e) => e.isFile()).map(async (e) => (await stat(path.join(e.parentPath, e.name))).mtimeMs),
  );
  return Math.max(...times, (await stat(path.join(root, 'asconfig.json'))).mtimeMs);
}

/** Compiles one build of the kernels to `file`, whatever is there; its bytes do not depend on the version of Node. */
export function compileKernels(target, file, node = process.execPath) {
  const asc = path.join(path.dirname(require.resolve('assemblyscript/package.json')), 'bin/asc.js');
  return run(node, [asc, KERNEL_TARGETS[target], '--target', target, '--outFile', file], { cwd: root });
}

/** Compiles the kernel modules whose sources are newer than their binaries. */
export async function buildKernels() {
  await mkdir(path.join(root, 'dist'), { recursive: true });
  const changed = await newestChange('assembly');
  await Promise.all(
    Object.keys(KERNEL_TARGETS).map(async (target) => {
      const file = path.join(root, `dist/kernels.${target}.wasm`);
      const built = await stat(file).catch(() => null);
      if (!built || built.mtimeMs <= changed) await compileKernels(target, file);
    }),
  );
}

/** What has a file of its own, for Node and for browsers: the library, the scripts of its workers, the conformance suite. */
const LIBRARY = {
  index: 'src/index.ts',
  worker: 'src/session/worker.ts',
  'kernel-thread': 'src/runtime/kernel-thread.ts',
  conformance: 'src/conformance/conformance.ts',
};

/** The command line and the library are two files: `dist/cli.js` imports what users import. */
const libraryBeside = {
  name: 'library-beside',
  setup(build) {
    build.onResolve({ filter: /^sparsetag$/ }, () => ({ path: './index.js', external: true }));
  },
};

/** Bundles the library and the command line. */
export async function buildScripts() {
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    sourcemap: true,
    sourcesContent: false,
    outdir: 'dist',
    logLevel: 'warning',
  };
  await Promise.all([
    build({ ...common, entryPoints: LIBRARY, external: ['comlink'] }),
    build({ ...common, entryPoints: LIBRARY, platform: 'browser', outdir: 'dist/browser' }),
    build({ ...common, entryPoints: { cli: 'cli/main.ts' }, plugins: [libraryBeside], banner: { js: '#!/usr/bin/env node' } }),
  ]);
  await chmod(path.join(root, 'dist/cli.js'), 0o755);
}

/** Writes the type declarations of the library. */
async function buildTypes() {
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  await run(process.execPath, [tsc, '--project', 'tsconfig.build.json'], { cwd: root }).catch(({ stdout, stderr }) => {
    throw new Error(`the type declarations cannot be built\n${stdout}${stderr}`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'kernels') await buildKernels();
  else await Promise.all([buildKernels(), buildScripts(), buildTypes()]);
}
