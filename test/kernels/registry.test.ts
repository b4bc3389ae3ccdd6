import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { parseSource, ROOT, walk } from '../architecture/source-files.js';
import { readInterface } from '../architecture/wasm-audit.js';
import { BUILDS } from './harness.js';

const functionsOf = (build: string) => readInterface(new Uint8Array(readFileSync(path.join(ROOT, `dist/kernels.${build}.wasm`)))).functions;

/** Number of parameters and kind of result of every method of the interface `KernelExports`. */
function declaredKernels(): Map<string, string> {
  const name = 'src/runtime/kernel-exports.ts';
  const declared = new Map<string, string>();
  walk(parseSource(name, readFileSync(path.join(ROOT, name), 'utf8')), (node) => {
    if (!ts.isMethodSignature(node)) return;
    declared.set(node.name.getText(), shape(node.parameters.length, node.type?.kind === ts.SyntaxKind.VoidKeyword));
  });
  return declared;
}

const shape = (parameters: number, isVoid: boolean) => `${parameters} parameters, ${isVoid ? 'no result' : 'a result'}`;

const sorted = (map: ReadonlyMap<string, string>) => Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

test('every build exports the same kernels with the same signatures', () => {
  const [first, ...others] = BUILDS.map((build) => sorted(functionsOf(build)));
  for (const other of others) expect(other).toEqual(first);
});

test('the typed ABI declares exactly the kernels that there are', () => {
  const compiled = new Map(
    [...functionsOf('simd')].map(([name, signature]) => {
      const [parameters = '', result] = signature.slice(1).split(') -> ');
      return [name, shape(parameters === '' ? 0 : parameters.split(', ').length, result === 'void')];
    }),
  );
  expect(sorted(declaredKernels())).toEqual(sorted(compiled));
});

test('host and kernels agree on the constants of the layout', () => {
  const constants = (file: string) =>
    Object.fromEntries(
      [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/export const (\w+)(?:: \w+)? = (\d+)/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    );
  const kernels = constants('assembly/common/layout.ts');
  const host = constants('src/runtime/layout.ts');
  const shared = Object.keys(host).filter((name) => name in kernels);
  expect(shared.length).toBeGreaterThan(0);
  for (const name of shared) expect(host[name], name).toBe(kernels[name]);
});
