import binaryen from 'assemblyscript/binaryen';
import type { Violation } from './source-files.js';

/** What a kernel module offers. */
export interface WasmInterface {
  /** Parameters and results of every exported function, as WebAssembly types: `(i32, f32) -> f64`. */
  readonly functions: ReadonlyMap<string, string>;
}

function open(bytes: Uint8Array): binaryen.Module {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  return module;
}

export function readInterface(bytes: Uint8Array): WasmInterface {
  const module = open(bytes);
  const functions = new Map<string, string>();
  for (let i = 0; i < module.getNumExports(); i++) {
    const exported = binaryen.getExportInfo(module.getExportByIndex(i));
    if (exported.kind !== binaryen.ExternalFunction) continue;
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(exported.value));
    functions.set(exported.name, `(${typeNames(params)}) -> ${typeNames(results) || 'void'}`);
  }
  module.dispose();
  return { functions };
}

function typeNames(type: binaryen.Type): string {
  const names = new Map([
    [binaryen.i32, 'i32'],
    [binaryen.i64, 'i64'],
    [binaryen.f32, 'f32'],
    [binaryen.f64, 'f64'],
    [binaryen.v128, 'v128'],
  ]);
  return binaryen
    .expandType(type)
    .map((part) => names.get(part) ?? 'unknown')
    .join(', ');
}

/**
 * Breaches of the contract of a kernel module: pure functions over one imported memory, with no state of its own, no
 * code that runs by itself, no part in threads, and no instruction whose result a CPU may choose.
 */
export function auditKernels(place: string, bytes: Uint8Array): Violation[] {
  const module = open(bytes);
  const text = module.emitText();
  module.dispose();
  return faultsOf(text).map((rule) => ({ place, rule }));
}

/** Faults in the text form of a module. */
function faultsOf(text: string): string[] {
  const imports = [...text.matchAll(/\(import "([^"]*)" "([^"]*)" \((\w+)/g)].map(([, from, name, kind]) => `${kind} ${from}.${name}`);
  const found = imports.filter((name) => name !== 'memory env.memory').map((name) => `imports ${name}`);
  if (!imports.includes('memory env.memory')) found.push('does not import its memory');
  for (const [, name, kind] of text.matchAll(/\(export "([^"]*)" \((\w+)/g)) {
    if (kind !== 'func' && name !== 'memory') found.push(`exports ${kind} ${name}`);
  }
  if (/^\s*\(start /m.test(text)) found.push('has a start function');
  for (const [, name] of text.matchAll(/\(global (\S+)[^\n]*\(mut /g)) found.push(`has a mutable global ${name}`);
  for (const instruction of new Set(text.match(/\b[a-z0-9]+\.relaxed_\w+/g))) {
    found.push(`uses ${instruction}, whose result depends on the CPU`);
  }
  for (const instruction of new Set(text.match(/\b\w+\.atomic\.[\w.]+/g))) found.push(`uses ${instruction}: threads divide calls`);
  if (text.includes('(memory.grow')) found.push('grows its memory');
  return found;
}
