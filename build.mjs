// The whole build: `node build.mjs` makes dist/; `node build.mjs kernels` only the WASM modules.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

/** What programs import; what several of these have in common goes to files that they share. */
const LIBRARY = { index: 'src/index.ts', infer: 'src/infer.ts' };
/** The conformance suite, a file of its own. */
const CONFORMANCE = { conformance: 'src/conformance/conformance.ts' };
/** The ops for TensorFlow.js, which a program brings along. */
const TFJS = { tfjs: 'src/tfjs.ts' };
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
      return { contents: `export const inlineKernels = ${JSON.stringify(kernels.toString('latin1'))};` };
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
    ...HOSTS.map((host) => build({ ...common, ...host, entryPoints: { ...WORKERS, ...CONFORMANCE, ...TFJS } })),
    ...Object.keys(KERNEL_TARGETS).map((target) => copyBesideBrowserScripts(`kernels.${target}.wasm`)),
    build({ ...common, ...cli, plugins: [libraryBeside] }),
  ]);
  await chmod(path.join(root, 'dist/cli.js'), 0o755);
}

async function copyBesideBrowserScripts(name) {
  await mkdir(path.join(root, 'dist/browser'), { recursive: true });
  await copyFile(path.join(root, 'dist', name), path.join(root, 'dist/browser', name));
}

/** What the page loads beside its scripts; the kernels lie in dist/. */
const PAGE_FILES = ['web/index.html', 'web/icon.svg', ...Object.keys(KERNEL_TARGETS).map((target) => `dist/kernels.${target}.wasm`)];
const DEMO_FILES = ['model.safetensors', 'README.md'];

/** Bundles the page with its workers into dist/web/, after the kernels are built; the service worker last, for it names all other files. */
export async function buildPage() {
  const { build } = await import('esbuild');
  const folder = path.join(root, 'dist/web');
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'linked',
    outdir: 'dist/web',
    logLevel: 'warning',
  };
  // What panels have in common has names that change with the build, and none of another build must stay.
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'demo'), { recursive: true });
  const { metafile } = await build({ ...common, entryPoints: { page: 'web/page.ts' }, splitting: true, metafile: true });
  await build({ ...common, entryPoints: { verify: 'web/verify/worker.ts', ...WORKERS } });
  await build({ ...common, target: ['chrome123', 'firefox120', 'safari17.5'], entryPoints: { page: 'web/page.css' } });
  for (const file of PAGE_FILES) await copyFile(path.join(root, file), path.join(folder, path.basename(file)));
  await preloadParts(path.join(folder, 'index.html'), metafile.outputs['dist/web/page.js'].imports);
  for (const file of DEMO_FILES) await copyFile(path.join(root, 'web/demo', file), path.join(folder, 'demo', file));
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.map$|^service-worker/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
  const digest = createHash('sha256');
  for (const name of names) digest.update(name).update(await readFile(path.join(folder, name)));
  const define = { FILES: JSON.stringify(['./', ...names]), BUILD: JSON.stringify(digest.digest('hex').slice(0, 16)) };
  await build({ ...common, entryPoints: { 'service-worker': 'web/service-worker.ts' }, define });
}

/** Lets a browser load what the page's script imports along with it, not after it. */
async function preloadParts(file, imports) {
  const parts = imports.filter(({ kind }) => kind === 'import-statement').map((part) => path.basename(part.path));
  const links = parts.map((part) => `<link rel="modulepreload" href="${part}">\n    `);
  const html = await readFile(file, 'utf8');
  await writeFile(file, html.replace('<script type="module"', `${links.join('')}<script type="module"`));
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
  else await Promise.all([buildKernels().then(() => Promise.all([buildScripts(), buildPage()])), buildTypes()]);
}
