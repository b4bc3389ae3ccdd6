import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../../src/errors.js';
import { canonicalJson, parseJson } from '../../src/io/canonical-json.js';
import { type ContainerTensor, readContainer, writeContainer } from '../../src/io/container.js';
import type { ModelContents, ModelNetwork, TensorMask } from '../../src/io/model-contents.js';
import { fingerprintOf, openModelFile, readModelFile, writeModelFile } from '../../src/io/model-file.js';
import { sha256Hex } from '../../src/io/sha256.js';

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);
const bits = (...words: number[]): Uint32Array => Uint32Array.from(words);
const digest = (letter: string): string => letter.repeat(64);

/** Two tasks that share a network of two prunable tensors, and one with a network of its own. */
function sample(): ModelContents {
  return {
    numericsVersion: '1',
    config: { seed: 7, model: { hidden: 2 }, rate: 0.1 },
    corpora: [{ name: 'news', hashes: { train: digest('a'), dev: digest('b'), test: null } }],
    vocabulary: { words: ['the', '#', '\u00e9t\u00e9', '\uFEFF', ''], characters: ['t', '\u{1F600}'] },
    tasks: [
      { name: 'pos', type: 'tags', head: 'softmax', scheme: null, tags: ['NN', 'VB', '\\'], network: 'shared' },
      { name: 'ner/1', type: 'spans', head: 'crf', scheme: 'bioes', tags: ['O', 'S-A'], network: 'shared' },
      { name: 'chunk', type: 'spans', head: 'softmax', scheme: 'bio', tags: ['O'], network: 'own' },
    ],
    networks: [
      {
        name: 'shared',
        tensors: [
          { name: 'lstm.input', shape: [2, 3], values: f32(1, 0, -0.5, 3, 0, 0.25) },
          { name: 'a', shape: [33], values: f32(...Array.from({ length: 33 }, (_, i) => (i === 32 ? 5 : 0))) },
          { name: 'word.table', shape: [7, 1], values: f32(0, 1, 2, 3, 4, 5, 6) },
          { name: 'char.table', shape: [4, 1], values: f32(0, 1, -0, 3) },
          { name: 'head.pos.bias', shape: [3], values: f32(1, 2, 3) },
          { name: 'head.ner/1.transitions', shape: [2, 2], values: f32(1, 2, 3, 4) },
        ],
        masks: [
          { task: 'pos', tensor: 'lstm.input', kept: 3, bits: bits(0b001101) },
          { task: 'pos', tensor: 'a', kept: 1, bits: bits(0, 1) },
          { task: 'ner/1', tensor: 'lstm.input', kept: 1, bits: bits(0b100000) },
          { task: 'ner/1', tensor: 'a', kept: 0, bits: bits(0, 0) },
        ],
      },
      { name: 'own', tensors: [{ name: 'scalar', shape: [], values: f32(1.5) }], masks: [] },
    ],
    results: { tasks: [{ dev: 91.25, name: 'pos' }] },
  };
}

const withNetwork = (change: (network: ModelNetwork) => Partial<ModelNetwork>): ModelContents => {
  const contents = sample();
  const [shared, ...others] = contents.networks;
  return { ...contents, networks: [{ ...shared!, ...change(shared!) }, ...others] };
};
const withMask = (index: number, change: Partial<TensorMask>): ModelContents =>
  withNetwork(({ masks }) => ({ masks: masks.map((mask, i) => (i === index ? { ...mask, ...change } : mask)) }));
const withTask = (change: Partial<ModelContents['tasks'][number]>): ModelContents => {
  const contents = sample();
  return { ...contents, tasks: contents.tasks.map((task, i) => (i === 0 ? { ...task, ...change } : task)) };
};
const withTensor = (name: string, change: Partial<ModelNetwork['tensors'][number]>): ModelContents =>
  withNetwork(({ tensors }) => ({ tensors: tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor)) }));

const failure = (action: () => unknown): ModelFileError => {
  try {
    action();
  } catch (error) {
    if (error instanceof ModelFileError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

/** A file with changed metadata, manifest or tensors, everything else as it was. */
function forge(
  change: {
    metadata?: (metadata: Map<string, string>) => void;
    manifest?: (manifest: string) => string;
    tensors?: (tensors: Map<string, ContainerTensor>) => void;
  },
  model = sample(),
): Uint8Array {
  const container = readContainer(writeModelFile(model));
  const metadata = new Map(container.metadata);
  const tensors = new Map(container.tensors);
  if (change.manifest) {
    const manifest = change.manifest(metadata.get('manifest')!);
    expect(manifest).not.toBe(metadata.get('manifest'));
    metadata.set('manifest', manifest);
    metadata.set('fingerprint', sha256Hex(`sparsetag model 1\n${manifest}`));
  }
  change.metadata?.(metadata);
  change.tensors?.(tensors);
  return writeContainer({ metadata, tensors: [...tensors.values()] });
}

describe('a model file', () => {
  it('comes back as the model', () => {
    expect(readModelFile(writeModelFile(sample()))).toEqual(sample());
  });

  it('is the same file when it is written again', () => {
    const file = writeModelFile(sample());
    expect(writeModelFile(readModelFile(file))).toEqual(file);
  });

  it('does not depend on the order of keys and masks, nor on where arrays lie in memory', () => {
    const contents = withNetwork(({ masks, tensors }) => ({
      masks: [...masks].reverse(),
      tensors: tensors.map((tensor) => ({ ...tensor, values: f32(9, ...tensor.values, 9).subarray(1, 1 + tensor.values.length) })),
    }));
    const shuffled = { ...contents, config: { rate: 0.1, model: { hidden: 2 }, seed: 7 } };
    expect(writeModelFile(shuffled)).toEqual(writeModelFile(sample()));
    expect(fingerprintOf(shuffled)).toBe(fingerprintOf(sample()));
  });

  it('is read at any place in a buffer', () => {
    const file = writeModelFile(sample());
    for (const shift of [1, 2, 3, 4]) {
      const host = new Uint8Array(file.length + 8).fill(0x55);
      host.set(file, shift);
      const contents = readModelFile(host.subarray(shift, shift + file.length));
      expect(contents).toEqual(sample());
      expect(writeModelFile(contents)).toEqual(file);
    }
  });

  it('round-trips random models', () => {
    const name = fc.string({
      minLength: 1,
      maxLength: 5,
      unit: fc.constantFrom('a', 'b', '.', '/', '%', '2', 'F', '\u00e9', '"', '\\', '\u0001'),
    });
    const names = (minLength: number, maxLength: number) => fc.uniqueArray(name, { minLength, maxLength });
    const item = fc.string({ unit: 'binary', maxLength: 3 }).filter((text) => !text.includes('\n'));
    const model = fc
      .record({
        networks: names(1, 2),
        tasks: names(1, 3),
        tensors: names(0, 3),
        words: fc.uniqueArray(item, { maxLength: 5 }),
        tags: fc.uniqueArray(item, { minLength: 1, maxLength: 3 }),
        sizes: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 }),
        seed: fc.integer({ min: 0, max: 0xffffffff }),
        results: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'p'))),
      })
      .map(({ networks, tasks, tensors, words, tags, sizes, seed, results }): ModelContents => {
        let state = seed;
        const random = (): number => {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          return state;
        };
        const modelTasks = tasks.map((task, t) => ({
          name: task,
          type: t % 2 === 0 ? ('tags' as const) : ('spans' as const),
          head: t % 2 === 0 ? ('crf' as const) : ('softmax' as const),
          scheme: t % 2 === 0 ? null : ('bio' as const),
          tags,
          network: networks[t % networks.length]!,
        }));
        return {
          numericsVersion: '1',
          config: { seed },
          corpora: [],
          vocabulary: { words, characters: [] },
          tasks: modelTasks,
          networks: networks.map((network) => {
            const own = modelTasks.filter((task) => task.network === network);
            const masks = own.flatMap((task) =>
              tensors.map((tensor, i) => {
                const n = sizes[i]!;
                const words = Uint32Array.from(
                  { length: Math.ceil(n / 32) },
                  (_, w) => (random() & (n - 32 * w < 32 ? (1 << (n & 31)) - 1 : -1)) >>> 0,
                );
                let kept = 0;
                for (let e = 0; e < n; e++) kept += (words[e >> 5]! >>> (e & 31)) & 1;
                return { task: task.name, tensor, kept, bits: words };
              }),
            );
            return {
              name: network,
              tensors: tensors.map((tensor, i) => ({
                name: tensor,
                shape: [sizes[i]!],
                values: Float32Array.from({ length: sizes[i]! }, (_, e) => {
                  const related = masks.filter((mask) => mask.tensor === tensor);
                  const isKept = related.length === 0 || related.some((mask) => (mask.bits[e >> 5]! >>> (e & 31)) & 1);
                  return isKept ? random() / 2 ** 31 - 1 : 0;
                }),
              })),
              masks,
            };
          }),
          results,
        };
      });
    fc.assert(
      fc.property(model, (contents) => {
        const file = writeModelFile(contents);
        const read = openModelFile(file);
        expect(read.contents).toEqual({ ...contents, results: parseJson(canonicalJson(contents.results)) });
        expect(read.fingerprint).toBe(fingerprintOf(contents));
        expect(writeModelFile(read.contents)).toEqual(file);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('the fingerprint', () => {
  it('is the SHA-256 of the domain and the manifest', () => {
    const file = writeModelFile(sample());
    const { metadata } = readContainer(file);
    const expected = sha256Hex(`sparsetag model 1\n${metadata.get('manifest')}`);
    expect(fingerprintOf(sample())).toBe(expected);
    expect(fingerprintOf(file)).toBe(expected);
    expect(openModelFile(file).fingerprint).toBe(expected);
    expect(metadata.get('fingerprint')).toBe(expected);
  });

  it('holds the digest of every tensor in the file', () => {
    const { metadata, tensors } = readContainer(writeModelFile(sample()));
    for (const { bytes } of tensors.values()) expect(metadata.get('manifest')).toContain(sha256Hex(bytes));
  });

  it('survives another writer: other layout of the header, other order of tensors', () => {
    const container = readContainer(writeModelFile(sample()));
    const reversed = [...container.tensors.values()].reverse();
    let at = 0;
    const described = reversed.map(({ name, dtype, shape, bytes }) => {
      const data_offsets = [at, at + bytes.length];
      at += bytes.length;
      return [name, { data_offsets, shape, dtype }];
    });
    const header = new TextEncoder().encode(
      JSON.stringify({ ...Object.fromEntries(described), __metadata__: Object.fromEntries(container.metadata) }, null, 1),
    );
    const file = new Uint8Array([
      ...new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer),
      ...header,
      ...reversed.flatMap(({ bytes }) => [...bytes]),
    ]);
    expect(openModelFile(file)).toEqual({ contents: sample(), fingerprint: fingerprintOf(sample()) });
    expect(writeModelFile(readModelFile(file))).toEqual(writeModelFile(sample()));
  });

  it('differs for every part of a model that differs', () => {
    const base = sample();
    const models: ModelContents[] = [
      base,
      { ...base, numericsVersion: '2' },
      { ...base, config: { seed: 8 } },
      { ...base, corpora: [] },
      { ...base, corpora: [{ name: 'news', hashes: { train: digest('a'), dev: digest('b'), test: digest('c') } }] },
      { ...base, vocabulary: { ...base.vocabulary, words: ['the', '#', '\u00e9t\u00e9', '\uFEFF', 'x'] } },
      { ...base, vocabulary: { ...base.vocabulary, words: ['#', 'the', '\u00e9t\u00e9', '\uFEFF', ''] } },
      { ...base, results: null },
      withTask({ tags: ['NN', 'VB', 'X'] }),
      withTask({ head: 'crf' }),
      withTensor('head.pos.bias', { values: f32(1, 2, 4) }),
      withTensor('char.table', { values: f32(0, 1, 0, 3) }),
      withTensor('lstm.input', { shape: [3, 2] }),
      withNetwork(({ tensors }) => ({ tensors: [...tensors].reverse() })),
      withMask(0, { kept: 4, bits: bits(0b101101) }),
    ];
    expect(new Set(models.map(fingerprintOf)).size).toBe(models.length);
  });
});

describe('the writer refuses', () => {
  it.each<[string, ModelContents]>([
    ['MODEL_TOO_MANY', { ...sample(), tasks: Array.from({ length: 1025 }, (_, i) => ({ ...sample().tasks[0]!, name: `t${i}` })) }],
    ['MODEL_TOO_MANY', { ...sample(), networks: Array.from({ length: 1025 }, (_, i) => ({ name: `n${i}`, tensors: [], masks: [] })) }],
    ['MODEL_NAME', withTask({ name: '' })],
    ['MODEL_NAME', withTask({ name: 'ner/1' })],
    ['MODEL_NAME', withTask({ name: '\uD800' })],
    ['MODEL_NAME', withNetwork(({ tensors }) => ({ tensors: [...tensors, tensors[0]!] }))],
    ['MODEL_CORPUS_HASH', { ...sample(), corpora: [{ name: 'news', hashes: { train: 'A'.repeat(64), dev: digest('b'), test: null } }] }],
    ['MODEL_VOCABULARY', { ...sample(), vocabulary: { words: ['a\nb'], characters: [] } }],
    ['MODEL_VOCABULARY', { ...sample(), vocabulary: { words: ['a', 'a'], characters: [] } }],
    ['MODEL_VOCABULARY', { ...sample(), vocabulary: { words: ['\uDC00'], characters: [] } }],
    ['MODEL_VOCABULARY', withTask({ tags: ['A', 'A'] })],
    ['MODEL_TASK_TAGS', withTask({ tags: [] })],
    ['MODEL_TASK_SCHEME', withTask({ scheme: 'bio' })],
    ['MODEL_TASK_SCHEME', withTask({ type: 'spans' })],
    ['MODEL_TASK_NETWORK', withTask({ network: 'other' })],
    ['MODEL_TENSOR_SHAPE', withTensor('lstm.input', { shape: [7] })],
    ['MODEL_TENSOR_ROWS', withTensor('word.table', { shape: [1, 7] })],
    ['MODEL_TENSOR_ROWS', withTensor('char.table', { shape: [2, 2] })],
    ['MODEL_TENSOR_ROWS', withTask({ tags: ['A', 'B'] })],
    ['MODEL_TENSOR_ROWS', withTensor('head.ner/1.transitions', { shape: [2, 1, 2] })],
    ['MODEL_TENSOR_NOT_FINITE', withTensor('head.pos.bias', { values: f32(1, Number.NaN, 3) })],
    ['MODEL_MASK_TARGET', withMask(0, { task: 'chunk' })],
    ['MODEL_MASK_TARGET', withMask(0, { tensor: 'scalar' })],
    ['MODEL_MASK_DUPLICATE', withMask(1, { tensor: 'lstm.input', kept: 3, bits: bits(0b001101) })],
    ['MODEL_MASK_LENGTH', withMask(0, { bits: bits(0b001101, 0) })],
    ['MODEL_MASK_PADDING', withMask(0, { bits: bits(0b1000101) })],
    ['MODEL_MASK_PADDING', withMask(1, { bits: bits(0, 2) })],
    ['MODEL_MASK_COUNT', withMask(0, { kept: 2 })],
    ['MODEL_PRUNED_NOT_ZERO', withTensor('lstm.input', { values: f32(1, 2, -0.5, 3, 0, 0.25) })],
    ['MODEL_PRUNED_NOT_ZERO', withTensor('lstm.input', { values: f32(1, -0, -0.5, 3, 0, 0.25) })],
  ])('with %s (case %#)', (code, contents) => {
    expect(failure(() => writeModelFile(contents)).code).toBe(code);
  });

  it('nothing that a task without a mask may still use', () => {
    const contents = withNetwork(({ masks }) => ({ masks: masks.filter(({ task }) => task === 'pos') }));
    expect(readModelFile(writeModelFile(contents))).toEqual(contents);
  });
});

describe('the reader refuses', () => {
  const patch = (name: string, at: number, byte: number) => (tensors: Map<string, ContainerTensor>) => {
    const tensor = tensors.get(name)!;
    const bytes = tensor.bytes.slice();
    bytes[at] = byte;
    tensors.set(name, { ...tensor, bytes });
  };
  const WEIGHTS = 'weights/shared/lstm.input';
  const MASK = 'masks/shared/ner%2F1/lstm.input';

  it.each<[string, string, Uint8Array]>([
    [
      'a file of another program',
      'MODEL_FORMAT',
      writeContainer({ metadata: [], tensors: [{ name: 'model.embed', dtype: 'F32', shape: [1], bytes: new Uint8Array(4) }] }),
    ],
    ['a file of PyTorch', 'MODEL_FORMAT', writeContainer({ metadata: [['format', 'pt']], tensors: [] })],
    ['a later version', 'MODEL_VERSION', forge({ metadata: (m) => m.set('version', '2') })],
    ['no version', 'MODEL_VERSION', forge({ metadata: (m) => m.delete('version') })],
    ['no manifest', 'MODEL_METADATA', forge({ metadata: (m) => m.delete('manifest') })],
    ['no fingerprint', 'MODEL_METADATA', forge({ metadata: (m) => m.delete('fingerprint') })],
    ['unknown metadata', 'MODEL_METADATA', forge({ metadata: (m) => m.set('date', 'today') })],
    ['a false fingerprint', 'MODEL_FINGERPRINT', forge({ metadata: (m) => m.set('fingerprint', digest('0')) })],
    ['a manifest that is no JSON', 'MODEL_MANIFEST_JSON', forge({ manifest: (m) => m.slice(1) })],
    ['a manifest with a key twice', 'MODEL_MANIFEST_JSON', forge({ manifest: (m) => m.replace('{', '{"config":1,') })],
    ['a manifest with __proto__', 'MODEL_MANIFEST_JSON', forge({ manifest: (m) => m.replace('"seed"', '"__proto__"') })],
    ['a manifest with an unknown key', 'MODEL_MANIFEST_SCHEMA', forge({ manifest: (m) => m.replace('{', '{"a":1,') })],
    ['a manifest without a key', 'MODEL_MANIFEST_SCHEMA', forge({ manifest: (m) => m.replace('"numerics":"1",', '') })],
    ['a manifest with a wrong type', 'MODEL_MANIFEST_SCHEMA', forge({ manifest: (m) => m.replace('"numerics":"1"', '"numerics":1') })],
    ['a manifest with an unknown head', 'MODEL_MANIFEST_SCHEMA', forge({ manifest: (m) => m.replace('"crf"', '"svm"') })],
    ['a manifest with a negative count', 'MODEL_MANIFEST_SCHEMA', forge({ manifest: (m) => m.replace('"kept":3', '"kept":-3') })],
    ['a manifest with spaces', 'MODEL_MANIFEST_CANONICAL', forge({ manifest: (m) => m.replace('{', '{ ') })],
    [
      'a manifest with a number spelt otherwise',
      'MODEL_MANIFEST_CANONICAL',
      forge({ manifest: (m) => m.replace('"seed":7', '"seed":7.0') }),
    ],
    ['a missing tensor', 'MODEL_TENSOR_MISSING', forge({ tensors: (t) => t.delete(WEIGHTS) })],
    [
      'a tensor too many',
      'MODEL_TENSOR_UNKNOWN',
      forge({ tensors: (t) => t.set('x', { name: 'x', dtype: 'U8', shape: [0], bytes: new Uint8Array(0) }) }),
    ],
    ['a tensor of another type', 'MODEL_TENSOR_DTYPE', forge({ tensors: (t) => t.set(WEIGHTS, { ...t.get(WEIGHTS)!, dtype: 'I32' }) })],
    ['a tensor of another shape', 'MODEL_TENSOR_SHAPE', forge({ tensors: (t) => t.set(WEIGHTS, { ...t.get(WEIGHTS)!, shape: [3, 2] }) })],
    ['a mask of two axes', 'MODEL_TENSOR_SHAPE', forge({ tensors: (t) => t.set(MASK, { ...t.get(MASK)!, shape: [1, 1] }) })],
    ['a changed weight', 'MODEL_TENSOR_DIGEST', forge({ tensors: patch(WEIGHTS, 0, 1) })],
    ['a changed mask', 'MODEL_TENSOR_DIGEST', forge({ tensors: patch(MASK, 0, 1) })],
    ['a wrong number of words', 'MODEL_VOCABULARY', forge({ manifest: (m) => m.replace('"words":{"count":5', '"words":{"count":6') })],
    ['a wrong number of kept weights', 'MODEL_MASK_COUNT', forge({ manifest: (m) => m.replace('"kept":3', '"kept":4') })],
  ])('%s with %s', (_, code, file) => {
    expect(failure(() => readModelFile(file)).code).toBe(code);
  });

  it.each<[string, string, Uint8Array]>([
    ['a mask with another count', 'MODEL_MASK_COUNT', forge({ tensors: patch(MASK, 0, 0b110000) })],
    ['a mask with bits past its end', 'MODEL_MASK_PADDING', forge({ tensors: patch(MASK, 3, 0x80) })],
    ['a pruned weight of -0', 'MODEL_PRUNED_NOT_ZERO', forge({ tensors: patch(WEIGHTS, 7, 0x80) })],
    ['a word with a broken letter', 'MODEL_VOCABULARY', forge({ tensors: patch('vocabulary/words', 0, 0xff) })],
    ['words that are one', 'MODEL_VOCABULARY', forge({ tensors: patch('vocabulary/words', 3, 0x61) })],
    ['words without an end', 'MODEL_VOCABULARY', forge({ tensors: patch('vocabulary/characters', 6, 0x61) })],
  ])('%s with %s even when digests are not compared', (_, code, file) => {
    expect(failure(() => readModelFile(file, { verify: false })).code).toBe(code);
    expect(failure(() => readModelFile(file)).code).toBe('MODEL_TENSOR_DIGEST');
  });

  it('every truncation', () => {
    const file = writeModelFile(sample());
    const codes = new Set<string>();
    for (let length = 0; length < file.length; length++) codes.add(failure(() => readModelFile(file.subarray(0, length))).code);
    expect([...codes].sort()).toEqual(['MODEL_DATA_TRUNCATED', 'MODEL_HEADER_TRUNCATED', 'MODEL_TOO_SHORT']);
  });

  it('random damage, unless it leaves the model as it was', () => {
    const file = writeModelFile(sample());
    let state = 1;
    const random = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    let refused = 0;
    for (let round = 0; round < 4000; round++) {
      const damaged = file.slice();
      for (let change = 0; change <= round % 3; change++) damaged[random(damaged.length)] = random(256);
      try {
        expect(readModelFile(damaged)).toEqual(sample());
      } catch (error) {
        if (!(error instanceof ModelFileError)) throw error;
        expect(error.code).toMatch(/^MODEL_[A-Z0-9_]+$/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(3800);
  });
});

describe('a model of encoded tensors', () => {
  const encoded = (): ModelContents =>
    withNetwork(({ tensors }) => ({
      tensors: tensors.map((tensor) => {
        if (tensor.name === 'lstm.input' || tensor.name === 'a') return { ...tensor, encoding: 'kept' };
        return tensor.name === 'word.table' ? { ...tensor, encoding: 'rows8' } : tensor;
      }),
    }));
  const ROWS = 'weights/shared/word.table';
  const SCALES = 'scales/shared/word.table';
  const KEPT = 'weights/shared/lstm.input';

  it('comes back as the model, from a smaller file with a fingerprint of its own', () => {
    const file = writeModelFile(encoded());
    expect(readModelFile(file)).toEqual(encoded());
    expect(writeModelFile(readModelFile(file))).toEqual(file);
    const { tensors } = readContainer(file);
    expect(tensors.get(KEPT)).toMatchObject({ dtype: 'F32', shape: [4] });
    expect(tensors.get(ROWS)).toMatchObject({ dtype: 'I8', shape: [7, 1], bytes: Uint8Array.of(0, 64, 64, 96, 64, 80, 96) });
    expect(tensors.get(SCALES)).toMatchObject({ dtype: 'F32', shape: [7] });
    expect(fingerprintOf(encoded())).not.toBe(fingerprintOf(sample()));
  });

  it('is not written when a task keeps all of a tensor, when values are no multiples of a scale, or when a table has no rows', () => {
    const code = (name: string, change: Partial<ModelNetwork['tensors'][number]>) =>
      failure(() => writeModelFile(withTensor(name, change))).code;
    expect(code('char.table', { encoding: 'kept' })).toBe('MODEL_TENSOR_ENCODING');
    expect(code('word.table', { encoding: 'rows8', values: f32(0, 1.001, 2, 3, 4, 5, 6), shape: [7, 1] })).toBe('MODEL_TENSOR_ENCODING');
    expect(code('char.table', { encoding: 'rows8' })).toBe('MODEL_TENSOR_ENCODING'); // it has a -0
    expect(code('head.pos.bias', { encoding: 'rows8' })).toBe('MODEL_TENSOR_ENCODING');
  });

  const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer);
  const replace = (name: string, change: Partial<ContainerTensor>) => (tensors: Map<string, ContainerTensor>) =>
    tensors.set(name, { ...tensors.get(name)!, ...change });

  it.each<[string, string, Parameters<typeof forge>[0]]>([
    ['fewer values than its masks keep', 'MODEL_TENSOR_SHAPE', { tensors: replace(KEPT, { shape: [3], bytes: bytesOf(f32(1, 2, 3)) }) }],
    [
      'more values than its masks keep',
      'MODEL_TENSOR_SHAPE',
      { tensors: replace(KEPT, { shape: [5], bytes: bytesOf(f32(1, 2, 3, 4, 5)) }) },
    ],
    ['a scale for fewer rows', 'MODEL_TENSOR_SHAPE', { tensors: replace(SCALES, { shape: [6], bytes: new Uint8Array(24) }) }],
    [
      'scales that are no powers of two',
      'MODEL_TENSOR_ENCODING',
      { tensors: replace(SCALES, { bytes: bytesOf(new Float32Array(7).fill(0.3)) }) },
    ],
    ['scales that could be smaller', 'MODEL_TENSOR_ENCODING', { tensors: replace(ROWS, { bytes: new Uint8Array(7).fill(2) }) }],
    ['no scales', 'MODEL_TENSOR_MISSING', { tensors: (tensors) => tensors.delete(SCALES) }],
    ['an unknown encoding', 'MODEL_MANIFEST_SCHEMA', { manifest: (m) => m.replace('"encoding":"kept"', '"encoding":"zip"') }],
    ['scales of kept values', 'MODEL_MANIFEST_SCHEMA', { manifest: (m) => m.replace('"encoding":"rows8"', '"encoding":"kept"') }],
    ['rows of bytes without scales in the manifest', 'MODEL_MANIFEST_SCHEMA', { manifest: (m) => m.replace(/,"scales":"[0-9a-f]+"/, '') }],
  ])('is refused with %s', (_, code, change) => {
    expect(failure(() => readModelFile(forge(change, encoded()), { verify: false })).code).toBe(code);
  });

  it('is refused when a shape claims more than the masks have bits for, before memory is taken', () => {
    const file = forge({ manifest: (m) => m.replace('"shape":[2,3]', '"shape":[9000000000,1000]') }, encoded());
    expect(failure(() => readModelFile(file, { verify: false })).code).toBe('MODEL_TENSOR_SHAPE');
  });
});
