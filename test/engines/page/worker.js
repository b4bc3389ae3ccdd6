import { runHere } from './run-here.js';

addEventListener('message', async ({ data }) => postMessage(await runHere(data)));
