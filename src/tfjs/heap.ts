import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Arena } from '../runtime/arena.js';
import { MASK_BITS, roundUp } from '../runtime/layout.js';

/** What is used of the backend: tensors lie in the memory of its own WebAssembly module. */
export interface WasmBackend {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  /** A view, which dies when the memory grows. */
  typedArrayFromHeap(tensor: TensorInfo): unknown;
}

/** Copies tensors between the memory of TensorFlow.js and that of our kernels; WebAssembly modules cannot read one another's. */
export class Heap {
  constructor(
    readonly backend: WasmBackend,
    private readonly arena: Arena,
  ) {}

  /** The numbers of an int32 tensor where they lie: to be read at once. */
  integers(tensor: TensorInfo): Int32Array {
    return this.backend.typedArrayFromHeap(tensor) as Int32Array;
  }

  /** The same of a float32 tensor. */
  floats(tensor: TensorInfo): Float32Array {
    return this.backend.typedArrayFromHeap(tensor) as Float32Array;
  }

  /** Copies a float32 tensor to `pointer`. */
  copy(tensor: TensorInfo, pointer: number): void {
    const values = this.floats(tensor);
    this.arena.f32(pointer, values.length).set(values);
  }

  /** Copies a bool tensor to the bits of a mask. */
  copyMask(tensor: TensorInfo, bits: Uint32Array): void {
    packBits(bits, this.backend.typedArrayFromHeap(tensor) as Uint8Array);
  }

  /** Copies a float32 tensor to new kernel memory, padded with +0 to whole words of a mask; answers with its address. */
  take(name: string, tensor: TensorInfo): number {
    const pointer = this.arena.allocateWords(name, roundUp(sizeOf(tensor), MASK_BITS));
    this.copy(tensor, pointer);
    return pointer;
  }

  /** Copies a bool tensor to the bits of a new mask; answers with its address. */
  takeMask(name: string, tensor: TensorInfo): number {
    const words = Math.ceil(sizeOf(tensor) / MASK_BITS);
    const pointer = this.arena.allocateWords(name, words);
    this.copyMask(tensor, this.arena.u32(pointer, words));
    return pointer;
  }

  /** A new float32 tensor with what lies at `pointer`. */
  give(shape: readonly number[], pointer: number): TensorInfo {
    const tensor = this.backend.makeOutput([...shape], 'float32');
    const values = this.floats(tensor);
    values.set(this.arena.f32(pointer, values.length));
    return tensor;
  }

  /** A new float32 tensor [rows, columns] with what lies at `pointer` in the rows `ids`, one after the other; other rows are 0. */
  giveRows([rows, columns]: readonly [number, number], ids: Int32Array, pointer: number): TensorInfo {
    const tensor = this.backend.makeOutput([rows, columns], 'float32');
    const values = this.floats(tensor).fill(0);
    ids.forEach((id, i) => {
      values.set(this.arena.f32(pointer + 4 * i * columns, columns), id * columns);
    });
    return tensor;
  }

  /** A new int32 or bool tensor of these values. */
  giveValues(shape: readonly number[], dtype: 'int32' | 'bool', values: Int32Array | Uint8Array): TensorInfo {
    const tensor = this.backend.makeOutput([...shape], dtype);
    (this.backend.typedArrayFromHeap(tensor) as Int32Array | Uint8Array).set(values);
    return tensor;
  }
}

/** Elements of a tensor. */
export function sizeOf({ shape }: TensorInfo): number {
  return shape.reduce((product, n) => product * n, 1);
}

function packBits(bits: Uint32Array, kept: Uint8Array): void {
  for (let w = 0; w < bits.length; w++) {
    const begin = w * MASK_BITS;
    const count = Math.min(MASK_BITS, kept.length - begin);
    let word = 0;
    for (let bit = 0; bit < count; bit++) word |= (kept[begin + bit] === 0 ? 0 : 1) << bit;
    bits[w] = word;
  }
}

/** The first `count` bits of a mask, one a byte. */
export function unpackBits(bits: Uint32Array, count: number): Uint8Array {
  const kept = new Uint8Array(count);
  for (let e = 0; e < count; e++) kept[e] = (bits[e >>> 5]! >>> (e & 31)) & 1;
  return kept;
}
