import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../src/errors.js';
import { type ContainerDtype, type ContainerTensor, readContainer, writeContainer } from '../../src/io/container.js';
import { leastProcessorTime } from '../helpers/processor-time.js';

const bytesOf = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const tensor = (name: string, dtype: ContainerDtype, shape: number[], bytes: Uint8Array): ContainerTensor => ({
  name,
  dtype,
  shape,
  bytes,
});
const small = (): Uint8Array =>
  writeContainer({
    metadata: [['key', 'value']],
    tensors: [tensor('w', 'F32', [2, 1], bytesOf(1, -2)), tensor('b', 'U8', [3], Uint8Array.of(1, 2, 3))],
  });

/** A file with any header text before any data; `length` instead of the true header length. */
function file(header: string | Uint8Array, data: readonly number[] = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const prefix = new DataView(new ArrayBuffer(8));
  prefix.setBigUint64(0, length ?? BigInt(text.length), true);
  return Uint8Array.from(Buffer.concat([new Uint8Array(prefix.buffer), text, Uint8Array.from(data)]));
}
const described = (dtype: string, shape: string, range: string): string => `{"dtype":"${dtype}","shape":${shape},"data_offsets":${range}}`;

const failure = (action: () => unknown): ModelFileError => {
  try {
    action();
  } catch (error) {
    if (error instanceof ModelFileError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('the writer', () => {
  it('writes a header without spaces, padded to 8, and tensors in order', () => {
    const bytes = small();
    const header =
      '{"__metadata__":{"key":"value"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
    expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1, 2, 3]);
  });

  it('puts 4-byte types first, so that every tensor is aligned, and sorts by code unit', () => {
    const names = [
      ...readContainer(
        writeContainer({
          metadata: [],
          tensors: [
            tensor('a', 'U8', [1], Uint8Array.of(1)),
            tensor('\uFF21', 'U32', [1], new Uint8Array(4)),
            tensor('\u{10400}', 'I32', [], new Uint8Array(4)),
            tensor('10', 'F32', [0], new Uint8Array(0)),
            tensor('9', 'F32', [1], bytesOf(1)),
          ],
        }),
      ).tensors.values(),
    ];
    expect(names.map(({ name }) => name)).toEqual(['10', '9', '\u{10400}', '\uFF21', 'a']);
    for (const { dtype, bytes } of names) if (dtype !== 'U8') expect(bytes.byteOffset % 4).toBe(0);
  });

  it.each<[string, [string, string][], ContainerTensor[]]>([
    ['MODEL_TENSOR_NAME', [], [tensor('a', 'U8', [0], new Uint8Array(0)), tensor('a', 'U8', [0], new Uint8Array(0))]],
    ['MODEL_TENSOR_NAME', [], [tensor('__metadata__', 'U8', [0], new Uint8Array(0))]],
    ['MODEL_TENSOR_NAME', [], [tensor('__proto__', 'U8', [0], new Uint8Array(0))]],
    [
      'MODEL_METADATA_KEY',
      [
        ['a', ''],
        ['a', ''],
      ],
      [],
    ],
    ['MODEL_METADATA_KEY', [['__proto__', '']], []],
    ['MODEL_TENSOR_DTYPE', [], [tensor('a', 'F16' as ContainerDtype, [1], new Uint8Array(2))]],
    ['MODEL_TENSOR_SHAPE', [], [tensor('a', 'U8', [-1], new Uint8Array(0))]],
    ['MODEL_TENSOR_SHAPE', [], [tensor('a', 'U8', [0.5], new Uint8Array(0))]],
    ['MODEL_TENSOR_SIZE', [], [tensor('a', 'F32', [2], new Uint8Array(7))]],
    ['MODEL_TENSOR_NOT_FINITE', [], [tensor('a', 'F32', [2], bytesOf(1, Number.NEGATIVE_INFINITY))]],
    ['MODEL_HEADER_UTF8', [['a', '\uD800']], []],
    ['MODEL_HEADER_UTF8', [], [tensor('\uDFFF', 'U8', [0], new Uint8Array(0))]],
  ])('refuses with %s (case %#)', (code, metadata, tensors) => {
    expect(failure(() => writeContainer({ metadata, tensors })).code).toBe(code);
  });

  it('refuses what its reader would refuse by default', () => {
    expect(failure(() => writeContainer({ metadata: [['a', 'x'.repeat(1 << 24)]], tensors: [] })).code).toBe('MODEL_HEADER_TOO_LARGE');
    const tensors = Array.from({ length: 65_537 }, (_, i) => tensor(`${i}`, 'U8', [0], new Uint8Array(0)));
    expect(failure(() => writeContainer({ metadata: [], tensors })).code).toBe('MODEL_TENSOR_COUNT');
  });

  it('takes a text that only looks like an escaped surrogate', () => {
    const metadata = new Map([['a', '\\ud800']]);
    expect(readContainer(writeContainer({ metadata, tensors: [] })).metadata).toEqual(metadata);
  });
});

describe('the reader', () => {
  it('gives back what was written, at any place in a buffer', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 }).filter((name) => name !== '__proto__' && name !== '__metadata__');
    const contents = fc.record({
      metadata: fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 4 }),
      tensors: fc.uniqueArray(
        fc
          .record({
            name: text,
            dtype: fc.constantFrom<ContainerDtype>('F32', 'U32', 'I32', 'U8'),
            shape: fc.array(fc.nat(3), { maxLength: 4 }),
            fill: fc.nat(255),
          })
          .map(({ name, dtype, shape, fill }) => {
            const count = shape.reduce((product, size) => product * size, dtype === 'U8' ? 1 : 4);
            return tensor(name, dtype, shape, new Uint8Array(count).fill(dtype === 'F32' ? fill & 0x7e : fill));
          }),
        { selector: ({ name }) => name, maxLength: 5 },
      ),
    });
    fc.assert(
      fc.property(contents, fc.nat(7), ({ metadata, tensors }, shift) => {
        const bytes = writeContainer({ metadata, tensors });
        const host = new Uint8Array(bytes.length + 8);
        host.set(bytes, shift);
        const read = readContainer(host.subarray(shift, shift + bytes.length));
        expect(read.metadata).toEqual(new Map(metadata));
        expect(new Map([...read.tensors].map(([name, t]) => [name, { ...t, bytes: t.bytes.slice() }]))).toEqual(
          new Map(tensors.map((t) => [t.name, t])),
        );
        expect(writeContainer({ metadata: read.metadata, tensors: [...read.tensors.values()] })).toEqual(bytes);
        expect(writeContainer({ metadata: [...metadata].reverse(), tensors: [...tensors].reverse() })).toEqual(bytes);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('copies nothing: tensors are views of the file', () => {
    const bytes = small();
    for (const { bytes: view } of readContainer(bytes).tensors.values()) expect(view.buffer).toBe(bytes.buffer);
  });

  it('takes any order and layout that safetensors allows', () => {
    const header = ` {"w" : ${described('U8', '[2]', '[1,3]')} ,\n"v":${described('U8', '[]', '[0,1]')},"e":${described('F32', '[0,7]', '[1,1]')}}  `;
    const { tensors } = readContainer(file(header, [7, 8, 9]));
    expect([...tensors.values()].map(({ name, bytes }) => [name, ...bytes])).toEqual([['v', 7], ['e'], ['w', 8, 9]]);
  });

  const u8 = (range: string, shape = '[1]') => described('U8', shape, range);
  it.each<[string, Uint8Array, string]>([
    ['MODEL_TOO_SHORT', new Uint8Array(0), 'The file has 0 bytes'],
    ['MODEL_TOO_SHORT', new Uint8Array(7), 'The file has 7 bytes'],
    ['MODEL_HEADER_TOO_LARGE', file('{}', [], 1n << 63n), 'byte 0 would be 9223372036854775808, and at most 16777216'],
    ['MODEL_HEADER_TOO_LARGE', file('{}', [], 16_777_217n), 'byte 0 would be 16777217'],
    ['MODEL_HEADER_TRUNCATED', file('{}', [], 3n), 'end at byte 11, but the file has 10 bytes'],
    ['MODEL_HEADER_UTF8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), 'bytes 8 to 11'],
    ['MODEL_HEADER_UTF8', file(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), 'is not UTF-8'],
    ['MODEL_HEADER_JSON', file(''), 'at byte 8'],
    ['MODEL_HEADER_JSON', file('\uFEFF{}'), 'at byte 8'],
    ['MODEL_HEADER_JSON', file('{"\u00e9":1;}'), 'at byte 15'],
    ['MODEL_HEADER_JSON', file('{}\0'), 'at byte 10'],
    ['MODEL_HEADER_JSON', file('{"a":1e999}'), 'too large'],
    ['MODEL_HEADER_DUPLICATE_KEY', file(`{"a":${u8('[0,1]')},"a":${u8('[0,1]')}}`, [0]), 'The key "a" occurs twice'],
    ['MODEL_HEADER_DUPLICATE_KEY', file('{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,1]}}', [0]), 'The key "dtype"'],
    ['MODEL_HEADER_FORBIDDEN_KEY', file('{"__proto__":{}}'), 'at byte 9'],
    ['MODEL_HEADER_FORBIDDEN_KEY', file('{"__metadata__":{"__proto__":""}}'), '__proto__'],
    ['MODEL_HEADER_TOO_DEEP', file('{"a":{"shape":[[1]]}}'), 'deeper than 3'],
    ['MODEL_HEADER_TOO_DEEP', file('['.repeat(1_000_000)), 'deeper than 3'],
    ['MODEL_HEADER_SCHEMA', file('[]'), 'JSON object'],
    ['MODEL_HEADER_SCHEMA', file('null'), 'JSON object'],
    ['MODEL_HEADER_SCHEMA', file('{"__metadata__":[]}'), 'object of strings'],
    ['MODEL_HEADER_SCHEMA', file('{"__metadata__":{"a":1}}'), 'Metadata "a" must be a string'],
    ['MODEL_HEADER_SCHEMA', file('{"a":1}'), 'Tensor "a" must be described by an object'],
    ['MODEL_HEADER_SCHEMA', file(`{"a":${u8('[0,1]').replace('{', '{"x":1,')}}`, [0]), 'unknown key "x"'],
    ['MODEL_TENSOR_DTYPE', file(`{"a":${described('F16', '[1]', '[0,2]')}}`, [0, 0]), 'has dtype "F16"'],
    ['MODEL_TENSOR_DTYPE', file(`{"a":${described('constructor', '[1]', '[0,2]')}}`, [0, 0]), 'has dtype "constructor"'],
    ['MODEL_TENSOR_DTYPE', file('{"a":{"shape":[1],"data_offsets":[0,1]}}', [0]), 'has dtype none'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '[-1]')}}`, [0]), 'shape [-1]'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '[1.5]')}}`, [0]), 'shape [1.5]'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '["1"]')}}`, [0]), 'shape ["1"]'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '1')}}`, [0]), 'shape 1;'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '[9007199254740992]')}}`, [0]), 'below 2^53'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '[4294967296,4294967296]')}}`, [0]), 'product below 2^53'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '[9007199254740991,9007199254740991,0]')}}`, [0]), 'product below 2^53'],
    ['MODEL_TENSOR_SHAPE', file(`{"a":${u8('[0,1]', '[1,1,1,1,1,1,1,1,1]')}}`, [0]), 'at most 8 sizes'],
    ['MODEL_TENSOR_RANGE', file(`{"a":${u8('[1,0]')}}`, [0]), 'data_offsets [1,0]'],
    ['MODEL_TENSOR_RANGE', file(`{"a":${u8('[-1,0]')}}`, [0]), 'data_offsets [-1,0]'],
    ['MODEL_TENSOR_RANGE', file(`{"a":${u8('[-0,1]')}}`, [0]), 'data_offsets'],
    ['MODEL_TENSOR_RANGE', file(`{"a":${u8('[0,9007199254740993]')}}`, [0]), 'below 2^53'],
    ['MODEL_TENSOR_RANGE', file(`{"a":${u8('[0]')}}`, [0]), 'data_offsets [0]'],
    ['MODEL_TENSOR_RANGE', file(`{"a":${u8('[0,1,2]')}}`, [0]), 'data_offsets [0,1,2]'],
    ['MODEL_TENSOR_RANGE', file('{"a":{"dtype":"U8","shape":[1]}}', [0]), 'data_offsets undefined'],
    ['MODEL_TENSOR_SIZE', file(`{"a":${described('F32', '[1]', '[0,3]')}}`, [0, 0, 0]), 'has 3 bytes; F32 [1] takes 4'],
    ['MODEL_TENSOR_OVERLAP', file(`{"a":${u8('[0,2]', '[2]')},"b":${u8('[1,2]')}}`, [0, 0]), '"b" begins at data byte 1, but 2 was next'],
    ['MODEL_TENSOR_OVERLAP', file(`{"a":${u8('[0,1]')},"b":${u8('[0,1]')}}`, [0]), '"b" begins at data byte 0, but 1 was next'],
    ['MODEL_TENSOR_HOLE', file(`{"a":${u8('[0,1]')},"b":${u8('[2,3]')}}`, [0, 0, 0]), '"b" begins at data byte 2, but 1 was next'],
    ['MODEL_TENSOR_HOLE', file(`{"a":${u8('[1,2]')}}`, [0, 0]), '"a" begins at data byte 1, but 0 was next'],
    ['MODEL_DATA_TRUNCATED', file(`{"a":${u8('[0,3]', '[3]')}}`, [0, 0]), 'is cut short'],
    ['MODEL_DATA_TRUNCATED', file(`{"a":${u8('[0,9007199254740991]', '[9007199254740991]')}}`, [0]), 'is cut short'],
    ['MODEL_DATA_TRAILING', file(`{"a":${u8('[0,1]')}}`, [0, 0]), 'goes on after the last tensor'],
    ['MODEL_TENSOR_NOT_FINITE', file(`{"a":${described('F32', '[2]', '[0,8]')}}`, [0, 0, 0, 0, 1, 0, 0x80, 0x7f]), 'element 1 (byte'],
    ['MODEL_TENSOR_NOT_FINITE', file(`{"a":${described('F32', '[1]', '[0,4]')}}    `, [0, 0, 0x80, 0xff]), 'element 0 (byte'],
  ])('refuses with %s (case %#)', (code, bytes, message) => {
    const error = failure(() => readContainer(bytes));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it.each([
    [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13], 'a PNG image'],
    [[0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0], 'a ZIP archive'],
    [[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], 'gzip-compressed'],
    [[...'{"model": 1}'].map((c) => c.charCodeAt(0)), 'JSON text'],
    [[...'version https://git-lfs'].map((c) => c.charCodeAt(0)), 'a Git LFS pointer'],
  ])('recognises %j as something else', (bytes, what) => {
    const error = failure(() => readContainer(Uint8Array.from(bytes)));
    expect(error.message).toContain(`it looks like ${what}`);
  });

  it('keeps to the limits of its caller', () => {
    expect(failure(() => readContainer(small(), { headerBytes: 16 })).code).toBe('MODEL_HEADER_TOO_LARGE');
    expect(failure(() => readContainer(small(), { tensors: 1 })).code).toBe('MODEL_TENSOR_COUNT');
    expect(readContainer(small(), { tensors: 2 }).tensors.size).toBe(2);
  });

  it('refuses every truncation and every extension', () => {
    const bytes = small();
    for (let length = 0; length < bytes.length; length++) failure(() => readContainer(bytes.subarray(0, length)));
    expect(failure(() => readContainer(Uint8Array.from([...bytes, 0]))).code).toBe('MODEL_DATA_TRAILING');
  });

  it('answers every damaged header with a container or a ModelFileError', () => {
    const bytes = small();
    const dataStart = bytes.length - 11;
    for (let at = 0; at < dataStart; at++) {
      for (const value of [0, 0x20, 0x22, 0x2d, 0x30, 0x39, 0x5c, 0x7b, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          readContainer(damaged);
        } catch (error) {
          if (!(error instanceof ModelFileError)) throw error;
        }
      }
    }
  });
});

describe('a hostile header is refused within 50 ms of processor time and without memory for what it claims', () => {
  const many = (count: number): string =>
    `{${Array.from({ length: count }, (_, i) => `"t${i}":${described('U8', '[0]', '[0,0]')}`).join(',')}}`;
  const shape = (text: string): Uint8Array => file(`{"a":${described('U8', text, '[0,1]')}}`, [0]);
  it.each<[string, string, Uint8Array]>([
    ['a length of 2^63', 'MODEL_HEADER_TOO_LARGE', file('{}', [], 1n << 63n)],
    ['a length of 2^64 - 1', 'MODEL_HEADER_TOO_LARGE', file('{}', [], (1n << 64n) - 1n)],
    ['a hundred thousand tensors', 'MODEL_TENSOR_COUNT', file(many(100_000))],
    ['braces in names, which are no tensors', 'MODEL_HEADER_SCHEMA', file(`{"${'{'.repeat(100_000)}":1}`)],
    ['quotes in names, which end none', 'MODEL_HEADER_SCHEMA', file(`{"${'\\\\\\"{'.repeat(100_000)}":1}`)],
    ['sizes whose product wraps 2^32 to 1', 'MODEL_TENSOR_SIZE', shape('[4294967297,1]')],
    ['sizes whose product wraps 2^32 to 0', 'MODEL_TENSOR_SIZE', shape('[65536,65536]')],
    ['sizes whose product wraps 2^53', 'MODEL_TENSOR_SHAPE', shape('[134217728,134217728]')],
    ['sizes whose product wraps 2^64', 'MODEL_TENSOR_SHAPE', shape('[4294967296,4294967296,2]')],
    ['bytes beyond 2^53', 'MODEL_TENSOR_SIZE', file(`{"a":${described('F32', '[4503599627370497]', '[0,4]')}}`, [0, 0, 0, 0])],
    [
      'ranges that overlap',
      'MODEL_TENSOR_OVERLAP',
      file(`{"a":${described('U8', '[2]', '[0,2]')},"b":${described('U8', '[2]', '[1,3]')}}`, [0, 0, 0]),
    ],
    [
      'ranges with a hole',
      'MODEL_TENSOR_HOLE',
      file(`{"a":${described('U8', '[1]', '[0,1]')},"b":${described('U8', '[1]', '[2,3]')}}`, [0, 0, 0]),
    ],
    [
      'a key twice',
      'MODEL_HEADER_DUPLICATE_KEY',
      file(`{"a":${described('U8', '[1]', '[0,1]')},"\\u0061":${described('U8', '[1]', '[0,1]')}}`, [0]),
    ],
    ['__proto__', 'MODEL_HEADER_FORBIDDEN_KEY', file('{"\\u005f_proto__":{"dtype":"U8"}}')],
    ['a lone surrogate', 'MODEL_HEADER_JSON', file(`{"\\ud800":${described('U8', '[1]', '[0,1]')}}`, [0])],
    ['a NaN with a payload', 'MODEL_TENSOR_NOT_FINITE', file(`{"a":${described('F32', '[1]', '[0,4]')}}`, [1, 2, 0xc3, 0x7f])],
  ])('%s', (_, code, bytes) => {
    const refuse = (): void => expect(failure(() => readContainer(bytes)).code).toBe(code);
    expect(leastProcessorTime(50, refuse)).toBeLessThan(50);
  });
});

it("a part of Node's Buffer is read as plain bytes, whose slices are copies", () => {
  const source = Buffer.concat([Buffer.alloc(3), small()]).subarray(3);
  const { bytes } = readContainer(source).tensors.get('w')!;
  const copy = bytes.slice();
  expect([...copy]).toEqual([...bytesOf(1, -2)]);
  expect(copy.buffer.byteLength).toBe(8);
});
