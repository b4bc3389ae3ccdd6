// In Node, Deno and Bun: reads cells as lines of JSON, runs the suite on one after the other and prints each outcome as a line.
import process from 'node:process';
import { createInterface } from 'node:readline';
import * as suite from '../../dist/conformance.js';
import { run } from './page/run.js';

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await run(suite, JSON.parse(line))));
