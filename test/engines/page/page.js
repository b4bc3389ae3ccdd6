// Asks for one cell after the other, runs the suite on it and sends back what came out. Threads need a worker to wait in;
// where both places will do, dense kernels run in the window and sparse ones in a worker.
import { runHere } from './run-here.js';

function runInWorker(cell) {
  const worker = new Worker('/worker.js', { type: 'module' });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the worker failed: ${message}` });
    worker.postMessage(cell);
  }).finally(() => worker.terminate());
}

async function post(path, body) {
  const response = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  return response.json();
}

let outcome = null;
for (;;) {
  const cell = await post('/next', outcome);
  if (cell === null) break;
  outcome = await (cell.threads === 1 && cell.kernels === 'dense' ? runHere(cell) : runInWorker(cell));
}
