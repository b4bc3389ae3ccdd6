// A worker's script must come from the page's own origin, its text may come from anywhere; so may kernels: they are inside it.
const script = await (await fetch('dist/worker.js')).blob();
const worker = new Worker(URL.createObjectURL(script), { type: 'module' });
worker.addEventListener('message', ({ data }) => {
  document.body.textContent = JSON.stringify(data);
});
const response = await fetch('model.safetensors');
const model = new Uint8Array(await response.arrayBuffer());
worker.postMessage({ model, text: 'Ada Lovelace lived in London.' }, [model.buffer]);
