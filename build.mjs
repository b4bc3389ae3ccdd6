// The whole build: `node build.mjs` makes dist/; `node build.mjs kernels` only the WASM modules.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
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

/** What programs import; what several of these have in common goes to files that they share. */
const LIBRARY = { index: 'src/index.ts', infer: 'src/infer.ts' };
/** The scripts of workers, each a file that needs no other. */
const WORKERS = { worker: 'src/session/worker.ts', 'kernel-thread': 'src/runtime/kernel-thread.ts' };

/** Node's build lies in dist/; dist/browser/ has all that other hosts need, and can be served as it is. */
const HOSTS = [
  { platform: 'node', outdir: 'dist', external: ['comlink'] },
  { platform: 'browser', outdir: 'dist/browser', external: [], minify: true },
];

/** The command line and the library are two files: `dist/cli.js` imports what users import. */
const libraryBeside = {
  name: 'library-beside',
  setup(build) {
    build.onResolve({ filter: /^sparsetag$/ }, () => ({ path: './index.js', external: true }));
  },
};

/** Writes the SIMD kernels into the scripts. */
const inlineKernels = {
  name: 'inline-kernels',
  setup(build) {
    build.onLoad({ filter: /inline-kernels\.ts$/ }, async () => {
      const kernels = await readFile(path.join(root, 'dist/kernels.simd.wasm'));
      return { contents: `export const inlineKernels = '${kernels.toString('base64')}';` };
    });
  },
};

/** Bundles the library and its workers for every host, and the command line. The kernels must be there. */
export async function buildScripts() {
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [inlineKernels],
  };
  const cli = { entryPoints: { cli: 'cli/main.ts' }, platform: 'node', outdir: 'dist', banner: { js: '#!/usr/bin/env node' } };
  await Promise.all([
    ...HOSTS.map((host) => build({ ...common, ...host, entryPoints: LIBRARY, splitting: true, chunkNames: 'shared' })),
    ...HOSTS.map((host) => build({ ...common, ...host, entryPoints: WORKERS })),
    ...Object.keys(KERNEL_TARGETS).map((target) => copyBesideBrowserScripts(`kernels.${target}.wasm`)),
    build({ ...common, ...cli, plugins: [libraryBeside] }),
  ]);
  await chmod(path.join(root, 'dist/cli.js'), 0o755);
}

async function copyBesideBrowserScripts(name) {
  await mkdir(path.join(root, 'dist/browser'), { recursive: true });
  await copyFile(path.join(root, 'dist', name), path.join(root, 'dist/browser', name));
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
  else await Promise.all([buildKernels().then(buildScripts), buildTypes()]);
}
