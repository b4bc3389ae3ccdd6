// Whether memory stays flat: a tagger that tags again and again, and taggers that are loaded and disposed of.
//
//   npm run soak:memory                   -- [--calls 10000] [--cycles 50] [--threads 1] [--json]
//
// Every WebAssembly memory is watched from its making. Resident memory is looked at after a collection of garbage; the first
// half of the calls and cycles is for caches and compilers to fill, and the rest must not take more than 2 % on top.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makeSentences, TASKS } from '../bench/workload.mjs';

const GROWTH = 0.02;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Memories that are still referred to. */
const memories = [];
const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(descriptor) {
    super(descriptor);
    memories.push(new WeakRef(this));
  }
};
const { Tagger, writeModelFile } = await import('../dist/index.js');
const { makeDenseModel, withMasks } = await import('../bench/models.mjs');

/** Bytes of all WebAssembly memories that live, and of the process. */
async function measure() {
  for (let i = 0; i < 3; i++) {
    // What is freed in one collection may free more in the next; finalisers run between.
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const wasm = memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);
  return { wasm, resident: process.memoryUsage.rss() };
}

/** Does something `count` times and measures halfway and at the end. */
async function halves(count, once) {
  const half = Math.ceil(count / 2);
  for (let i = 0; i < half; i++) await once(i);
  const middle = await measure();
  for (let i = half; i < count; i++) await once(i);
  const end = await measure();
  return {
    count,
    wasmBytes: [middle.wasm, end.wasm],
    residentBytes: [middle.resident, end.resident],
    growth: end.resident / middle.resident - 1,
  };
}

/** @param {{ calls: number, cycles: number, threads?: number }} options */
export async function soakMemory({ calls, cycles, threads = 1 }) {
  const options = { vocabulary: 3000, longest: 40 };
  const text = makeSentences(300, { ...options, seed: 1 });
  const dense = await makeDenseModel(text, TASKS, { wordDimension: 50, charFilters: 20, charOutput: 20, hidden: 64 });
  const model = writeModelFile(withMasks(dense, 0.2));
  const sentences = makeSentences(500, { ...options, seed: 2 }).map(({ tokens }) => tokens);
  const runtime = { threads };
  const tagger = await Tagger.load(model, { runtime });
  const tagging = await halves(calls, (i) => tagger.tag(sentences[i % sentences.length]));
  const loading = await halves(cycles, async (i) => {
    const other = await Tagger.load(model, { runtime });
    other.tagBatch(sentences.slice(i % 400, (i % 400) + 32));
    other.dispose();
  });
  tagger.dispose();
  const isFlat = ({ wasmBytes, growth }) => wasmBytes[0] === wasmBytes[1] && growth < GROWTH;
  return { tagging, loading, flat: isFlat(tagging) && isFlat(loading) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      calls: { type: 'string', default: '10000' },
      cycles: { type: 'string', default: '50' },
      threads: { type: 'string', default: '1' },
      json: { type: 'boolean' },
    },
  });
  const result = await soakMemory({ calls: Number(values.calls), cycles: Number(values.cycles), threads: Number(values.threads) });
  if (values.json) console.log(JSON.stringify(result));
  else {
    const describe = ({ wasmBytes, residentBytes, growth }) =>
      `WebAssembly ${wasmBytes.map((bytes) => (bytes / 1e6).toFixed(1)).join(' -> ')} MB, resident ${residentBytes.map((bytes) => (bytes / 1e6).toFixed(1)).join(' -> ')} MB (${(100 * growth).toFixed(2)} %)`;
    console.log(`${result.tagging.count} tag calls, second half: ${describe(result.tagging)}`);
    console.log(`${result.loading.count} loads and disposals, second half: ${describe(result.loading)}`);
  }
  process.exitCode = result.flat ? 0 : 1;
}
