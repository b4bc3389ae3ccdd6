// Runs the conformance suite once and prints every case; status 1 if one differs from its golden digest.
//
//   node tools/conformance.mjs [--build scalar|simd|threads] [--threads N] [--kernels dense|sparse|auto] [--json]
//   node tools/conformance.mjs --write       makes the present digests the golden ones: only with a change of bits that is meant
//
// It needs the build, and runs in Node, Deno and Bun alike.
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { CONFORMANCE_CASES, conformance, suiteDigest } from '../dist/conformance.js';

const { values } = parseArgs({
  options: {
    build: { type: 'string' },
    threads: { type: 'string', default: '1' },
    kernels: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const results = [];
for await (const result of conformance({ build: values.build, threads: Number(values.threads), kernels: values.kernels })) {
  results.push(result);
  if (!values.json) console.log(`${result.equal ? 'ok  ' : 'DIFF'} ${result.digest.slice(0, 16)}  ${result.name}`);
}

if (values.write) {
  const goldens = Object.fromEntries(results.map(({ name, digest }) => [name, digest]));
  await writeFile(new URL('../src/conformance/goldens.json', import.meta.url), `${JSON.stringify(goldens, null, 2)}\n`);
}
const names = new Set(results.map(({ name }) => name));
const missing = CONFORMANCE_CASES.filter((name) => !names.has(name));
const faults = [...results.filter(({ equal }) => !equal).map(({ name }) => name), ...missing];
const digest = suiteDigest(results);
if (values.json) console.log(JSON.stringify({ schema: 1, cases: results.length, faults, digest }));
else console.log(`${results.length} cases, ${faults.length} differ; digest ${digest}`);
process.exitCode = faults.length > 0 && !values.write ? 1 : 0;
