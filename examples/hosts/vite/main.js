import { connect } from 'sparsetag';
import threadUrl from 'sparsetag/kernel-thread.js?url';
import kernelsUrl from 'sparsetag/wasm/kernels.threads.wasm?url';
import workerUrl from 'sparsetag/worker?url';

// With threads where the page is isolated, with one where it is not: the same bits. Vite says where it puts the files.
const at = (file) => new URL(file, location.href);
const session = await connect({
  threads: crossOriginIsolated ? 2 : 1,
  workerUrl: at(workerUrl),
  kernelThreadUrl: at(threadUrl),
  ...(crossOriginIsolated && { wasmUrl: at(kernelsUrl) }),
});
const response = await fetch('model.safetensors');
const tagger = await session.load(await response.blob());
const entities = await tagger.entities('Ada Lovelace lived in London.', { task: 'ner' });
document.body.textContent = JSON.stringify({ fingerprint: tagger.fingerprint, entities });
