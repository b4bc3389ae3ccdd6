import { canonicalConfig } from '../../../src/config/canonical.js';
import { resolveConfig } from '../../../src/config/validate.js';
import { ConfigError, ModelFileError, NumericsError } from '../../../src/errors.js';
import { makeCorpus } from '../../../src/io/corpus.js';
import { type Checkpoint, checkpointParts, readCheckpoint } from '../../../src/train/checkpoint.js';
import { contentHashes } from '../../../src/train/content-hashes.js';
import { type TrainOptions, train } from '../../../src/train/train.js';
import { type Json, joined, mutateBytes, mutateJson, utf8 } from '../mutate.js';
import type { Target } from '../target.js';

const TEXT = 'Ada N B-PER\nruns V O\n\nBob N B-PER\nsleeps V O\n\n';

/**
 * Checkpoints: bytes changed anywhere; the state changed and sealed again. What is accepted must go on training, or be refused
 * with an error of ours.
 */
export async function checkpointTarget(sharing: 'single' | 'sparse', kernels: WebAssembly.Module): Promise<Target> {
  const config = resolveConfig({
    corpora: [{ name: 'c', train: 'a', dev: 'a' }],
    tasks: [
      { name: 'pos', column: 1 },
      { name: 'ner', column: 2, type: 'spans', head: 'crf' },
    ],
    model: { wordDimension: 3, charDimension: 0, layers: 1, hidden: 2 },
    train: { sharing, epochs: 2 },
    ...(sharing === 'sparse' && { warmup: { epochs: 1 }, prune: { keep: [0.5], epochs: 1 } }),
  });
  const text = { file: 'a', bytes: utf8(TEXT) };
  const corpus = makeCorpus(config.corpora[0]!, [1, 2], { train: text, dev: text, test: null });
  const runtime = { wasmModule: kernels };
  const resume = (options: TrainOptions) => train(config, [corpus], { runtime, ...options });
  const canonical = canonicalConfig(config, contentHashes(config, [corpus], null, null));
  const good = await checkpoints(resume({}));
  return {
    name: `checkpoint-${sharing}`,
    refusals: [ModelFileError, ConfigError, NumericsError],
    make(dice) {
      const file = dice.pick(good);
      if (dice.chance(30)) return mutateBytes(file, dice);
      const state = readCheckpoint(file, canonical) as unknown as { [key: string]: Json };
      const part = dice.pick(['current', 'current', 'finished', 'steps', 'tokens', 'config']);
      const changed = structuredClone(state);
      mutateJson(dice.chance(80) ? (changed[part] ?? null) : changed, dice);
      try {
        return joined(...checkpointParts(changed as unknown as Checkpoint));
      } catch {
        return mutateBytes(file, dice);
      }
    },
    async read(file) {
      for await (const event of resume({ resume: file })) if (event.type === 'epoch' || event.type === 'done') break;
    },
  };
}

/** One checkpoint of each phase. */
async function checkpoints(run: ReturnType<typeof train>): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  for await (const event of run) if (event.type === 'checkpoint') files.push(event.bytes());
  return files;
}
