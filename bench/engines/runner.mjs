// Hosts one engine in a process of its own: `runner.mjs ENGINE WORKLOAD CELL`. ENGINE is a module with
// `open(workload, cell)`, which resolves to `{ name, run(i) }`: batch i of the cell's list, done once, and its tokens as the
// answer. Says when it is ready in one line of JSON; then works for about SECONDS for each line on standard input and
// answers with `{ tokens, seconds }`. Between the lines it sleeps, so that engines can take turns on a machine.
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const WARM_UP_SECONDS = 0.7;

const [engine, workloadFile, cellText] = process.argv.slice(2);
const cell = JSON.parse(cellText);
const workload = JSON.parse(await readFile(workloadFile, 'utf8'));
const { open } = await import(pathToFileURL(engine).href);
const { name, run } = await open(workload, cell);
const batches = workload.batches[cell.order].length;
let place = 0;

/** Goes on through the list until the time is over, at least one batch. */
async function measure(limit) {
  let [tokens, seconds] = [0, 0];
  while (seconds < limit) {
    const begun = performance.now();
    tokens += await run(place);
    seconds += (performance.now() - begun) / 1000;
    place = (place + 1) % batches;
  }
  return { tokens, seconds };
}

await measure(WARM_UP_SECONDS);
console.log(JSON.stringify({ ready: name }));
for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await measure(Number(line))));
process.exit(0);
