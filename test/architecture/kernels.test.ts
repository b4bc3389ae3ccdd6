import { readFileSync } from 'node:fs';
import path from 'node:path';
import binaryen from 'assemblyscript/binaryen';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/io/sha256.js';
import { ROOT } from './source-files.js';
import { auditKernels } from './wasm-audit.js';

test.each(['simd', 'threads', 'scalar'])('the %s kernels are pure functions over one imported memory', (build) => {
  const name = `dist/kernels.${build}.wasm`;
  expect(auditKernels(name, new Uint8Array(readFileSync(path.join(ROOT, name))))).toEqual([]);
});

test('docs/kernels.md has the hash of each build; tools/kernel-hashes.mjs writes it', () => {
  const page = readFileSync(path.join(ROOT, 'docs/kernels.md'), 'utf8');
  const published = new Map(
    Array.from(page.matchAll(/^\| (\w+) \| (\d+) \| `([0-9a-f]{64})` \|$/gm), ([, build, , hash]) => [build, hash]),
  );
  for (const build of ['simd', 'threads', 'scalar']) {
    expect(published.get(build), build).toBe(sha256Hex(readFileSync(path.join(ROOT, `dist/kernels.${build}.wasm`))));
  }
});

describe('the audit of kernels finds', () => {
  const memory = '(import "env" "memory" (memory 1))';
  const audit = (body: string) => {
    const module = binaryen.parseText(`(module ${body})`);
    module.setFeatures(binaryen.Features.All);
    const bytes = new Uint8Array(module.emitBinary());
    module.dispose();
    return auditKernels('planted', bytes).map((found) => found.rule);
  };

  test.each([
    ['a second import', `${memory} (import "env" "abort" (func $abort))`, ['imports func env.abort']],
    ['a memory of its own', '(memory 1)', ['does not import its memory']],
    ['a start function', `${memory} (func $main (i32.store (i32.const 0) (i32.const 1))) (start $main)`, ['has a start function']],
    [
      'state',
      `${memory} (global $top (mut i32) (i32.const 0)) (func (export "next") (global.set $top (i32.const 1)))`,
      [expect.stringMatching(/^has a mutable global/)],
    ],
    ['a second thing that it exports', `${memory} (global (export "top") i32 (i32.const 0))`, ['exports global top']],
    ['a call that memory may refuse', `${memory} (func (export "f") (drop (memory.grow (i32.const 1))))`, ['grows its memory']],
    [
      'a thread of its own',
      `${memory} (func (export "f") (drop (i32.atomic.load (i32.const 0))))`,
      ['uses i32.atomic.load: threads divide calls'],
    ],
    [
      'a relaxed instruction',
      `${memory} (func (export "f") (param v128 v128 v128) (result v128)
        (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))`,
      ['uses f32x4.relaxed_madd, whose result depends on the CPU'],
    ],
  ])('%s', (_what, body, rules) => {
    expect(audit(body)).toEqual(rules);
  });

  test.each(['f32x4.relaxed_min', 'i8x16.relaxed_swizzle', 'i16x8.relaxed_dot_i8x16_i7x16_s'])('%s', (instruction) => {
    const body = `(func (export "f") (param v128 v128) (result v128) (${instruction} (local.get 0) (local.get 1)))`;
    expect(audit(memory + body)).toEqual([expect.stringContaining('whose result depends on the CPU')]);
  });

  test('no fault in a function over the imported memory', () => {
    expect(audit(`${memory} (func (export "f") (result f32) (f32.load (i32.const 0)))`)).toEqual([]);
  });
});
