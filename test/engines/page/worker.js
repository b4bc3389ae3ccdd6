import { run } from './run.js';

addEventListener('message', async ({ data }) => postMessage(await run(data)));
