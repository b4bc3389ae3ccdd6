// Here no program may compile kernels, so they come as a module that was compiled before.
import { Tagger } from 'sparsetag/infer';
import kernels from './kernels.simd.wasm';
import model from './model.safetensors';

let loading;

// biome-ignore lint/style/noDefaultExport: a worker's handlers are its default export
export default {
  async fetch(request) {
    loading ??= Tagger.load(new Uint8Array(model), { runtime: { wasmModule: kernels } });
    const tagger = await loading;
    const text = new URL(request.url).searchParams.get('text') ?? '';
    return Response.json({ fingerprint: tagger.fingerprint, entities: tagger.entities(text, { task: 'ner' }) });
  },
};
