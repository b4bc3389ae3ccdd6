import { readFileSync } from 'node:fs';
import binaryen from 'assemblyscript/binaryen';
import { describe, expect, test } from 'vitest';
import { CapabilityError } from '../../src/errors.js';
import { createRuntime, type KernelBuild } from '../../src/runtime/runtime.js';
import { testHost } from '../../src/runtime/self-test.js';
import { rejectionOf } from '../helpers/text.js';
import { BUILDS } from '../kernels/harness.js';

/** The scalar kernels with one instruction replaced by a function of the same type: a host that computes otherwise. */
function doctored(instruction: string, body: string): Uint8Array<ArrayBuffer> {
  const original = binaryen.readBinary(readFileSync(new URL('../../dist/kernels.scalar.wasm', import.meta.url)));
  const text = original.emitText().replaceAll(`(${instruction}\n`, '(call $doctored\n');
  original.dispose();
  const changed = binaryen.parseText(text.replace(/\)\s*$/, `${body})`));
  const bytes = new Uint8Array(changed.emitBinary());
  changed.dispose();
  return bytes;
}

const flushing = (type: string, instruction: string) => `(func $doctored (param $a ${type}) (param $b ${type}) (result ${type})
  (local.set $a (${instruction} (local.get $a) (local.get $b)))
  (select (f32.const 0) (local.get $a) (f32.lt (f32.abs (local.get $a)) (f32.const 0x1p-126))))`;

const truncating = `(func $doctored (param $a f32) (param $b f32) (result f32)
  (f32.demote_f64 (f64.reinterpret_i64 (i64.and (i64.const 0xffffffffe0000000) (i64.reinterpret_f64
    (f64.add (f64.promote_f32 (local.get $a)) (f64.promote_f32 (local.get $b))))))))`;

const single = `(func $doctored (param $a f64) (param $b f64) (result f64)
  (f64.promote_f32 (f32.demote_f64 (f64.add (local.get $a) (local.get $b)))))`;

describe('a runtime is refused on a host that', () => {
  test.each([
    ['flushes subnormal products', 'f32.mul', flushing('f32', 'f32.mul'), /subnormal \(0x00400000\), found 0x00800000/],
    ['flushes subnormal sums', 'f32.add', flushing('f32', 'f32.add'), /2\^-126 - 2\^-127 is subnormal/],
    ['rounds towards zero', 'f32.add', truncating, /rounded to even/],
    ['adds 64-bit numbers in 32 bits', 'f64.add', single, /64 bits/],
  ])('%s', async (_what, instruction, body, message) => {
    const error = await rejectionOf(createRuntime({ build: 'scalar', wasmBytes: doctored(instruction, body) }), CapabilityError);
    expect(error).toMatchObject({ code: 'HOST_ARITHMETIC', message: expect.stringMatching(message) });
  });

  test('fuses a product with the sum it is added to', async () => {
    const { kernels, arena } = await createRuntime({ build: 'scalar' });
    const gemm: typeof kernels.gemm = (...values) => {
      kernels.gemm(...values);
      arena.f32(values[0], 16)[7] = 2 ** -24;
    };
    expect(() => testHost({ ...kernels, gemm }, arena)).toThrow(/a product is rounded before it is added \(0x00000000\), found 0x33800000/);
  });

  test('multiplies weights by their mask', async () => {
    const { kernels, arena } = await createRuntime({ build: 'scalar' });
    const maskApply: typeof kernels.maskApply = (w, mask, n) => {
      const bits = arena.u32(mask, 1)[0]!;
      arena.f32(w, n).forEach((value, e, values) => {
        values[e] = value * ((bits >> e) & 1);
      });
    };
    expect(() => testHost({ ...kernels, maskApply }, arena)).toThrow(/selected/);
  });
});

test.each<KernelBuild>([...BUILDS])('the %s kernels pass here, and the memory is given back', async (build) => {
  const { kernels, arena } = await createRuntime({ build });
  const used = arena.usedBytes;
  testHost(kernels, arena);
  expect(arena.usedBytes).toBe(used);
  expect(arena.regions).toEqual([]);
});
