import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { placeOf, type Violation, walk } from './source-files.js';

/** Folders (and files) of src/, lowest first: a file imports from its own layer and from lower ones. */
export const LAYERS = [
  'version',
  'errors',
  'config',
  'runtime',
  'data',
  'text',
  'sparsity',
  'evaluate',
  'io',
  'inspect',
  'model',
  'train',
  'tagger',
  'session',
  'infer',
  'tfjs',
  'index',
  'conformance',
] as const;

/** Layers that work on text and numbers alone, so that they can be used and tested without kernels. */
const WITHOUT_RUNTIME = new Set(['data', 'text', 'io', 'evaluate', 'inspect']);

/** The packages that src/ may use, and where. */
const PACKAGES = new Map([
  ['comlink', 'session'],
  ['@tensorflow/tfjs-core', 'tfjs'],
]);

/** What a client may import of the library. */
const PUBLIC_PATHS = ['sparsetag', 'sparsetag/conformance'];

/** What the platform file of src/runtime, and only it, may take from Node. */
const NODE_FILE = /\.node\.ts$/;

interface Import {
  readonly specifier: string;
  readonly node: ts.Node;
}

/** Static and dynamic imports, re-exports and `import('...')` types. */
function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined) => {
    if (node && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, node });
  };
  walk(file, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
  });
  return found;
}

function layerOf(file: string): number {
  const [, first = ''] = file.split('/');
  return (LAYERS as readonly string[]).indexOf(first.replace(/\.ts$/, ''));
}

function resolve(file: ts.SourceFile, specifier: string): string {
  return path.posix.join(path.posix.dirname(file.fileName), specifier).replace(/\.js$/, '.ts');
}

/** Imports in a file of src/ that point upwards, sideways into the runtime, or out of the package. */
export function checkLibraryImports(file: ts.SourceFile): Violation[] {
  const from = layerOf(file.fileName);
  if (from < 0) return [{ place: file.fileName, rule: `no layer of src/ is named so; there is ${LAYERS.join(', ')}` }];
  const rule = ({ specifier }: Import): string | null => {
    if (specifier === '#platform') return LAYERS[from] === 'runtime' ? null : 'only the runtime asks for the platform';
    if (PACKAGES.get(specifier) === LAYERS[from]) return null;
    if (!specifier.startsWith('.'))
      return NODE_FILE.test(file.fileName) && isBuiltin(specifier) ? null : `src/ has no dependency ${specifier}`;
    const target = resolve(file, specifier);
    const to = layerOf(target);
    if (!target.startsWith('src/') || to < 0) return `${target} lies outside the layers of src/`;
    if (to > from) return `${LAYERS[from]} lies below ${LAYERS[to]} and knows nothing of it`;
    if (LAYERS[to] === 'runtime' && WITHOUT_RUNTIME.has(LAYERS[from]!)) return `${LAYERS[from]} does without the runtime`;
    return null;
  };
  return violations(file, rule);
}

/** Imports in a file of cli/ or web/ that reach past the public API. */
export function checkClientImports(file: ts.SourceFile, dependencies: readonly string[]): Violation[] {
  const [client] = file.fileName.split('/');
  return violations(file, ({ specifier }) => {
    if (specifier.startsWith('.')) {
      const target = resolve(file, specifier);
      return target.startsWith(`${client}/`) ? null : `${client}/ uses the library as "sparsetag", not ${target}`;
    }
    const isAllowed = PUBLIC_PATHS.includes(specifier) || isBuiltin(specifier) || dependencies.includes(specifier);
    return isAllowed ? null : `${specifier} is neither sparsetag, a node: module nor a dependency`;
  });
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') && builtinModules.includes(specifier.slice('node:'.length));
}

function violations(file: ts.SourceFile, rule: (found: Import) => string | null): Violation[] {
  return importsOf(file).flatMap((found) => {
    const broken = rule(found);
    return broken === null ? [] : [{ place: placeOf(found.node), rule: broken }];
  });
}
