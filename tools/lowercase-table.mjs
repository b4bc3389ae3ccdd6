// Writes src/data/lowercase-table.ts from this engine's case mappings: `node tools/lowercase-table.mjs`.
// A new table changes the words that a text turns into: it is a numerics change, and existing models keep their words.
import { writeFile } from 'node:fs/promises';

/** Code points that map to one other code point; U+0130 maps to two and is left as it is. */
function simpleMappings() {
  const mappings = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const lower = [...String.fromCodePoint(code).toLowerCase()];
    if (lower.length === 1 && lower[0].codePointAt(0) !== code) mappings.push([code, lower[0].codePointAt(0) - code]);
  }
  return mappings;
}

/** Runs [first, count, step, delta] of code points first, first + step, ... that move by the same delta; step is 1 or 2. */
function toRuns(mappings) {
  const runs = [];
  for (const [code, delta] of mappings) {
    const run = runs.at(-1);
    if (run && run[3] === delta) {
      const step = code - (run[0] + (run[1] - 1) * run[2]);
      if (step <= 2 && (run[1] === 1 || step === run[2])) {
        run[1]++;
        run[2] = step;
        continue;
      }
    }
    runs.push([code, 1, 1, delta]);
  }
  return runs;
}

const runs = toRuns(simpleMappings());
const lines = [];
for (let i = 0; i < runs.length; i += 6) {
  lines.push(
    `  ${runs
      .slice(i, i + 6)
      .flat()
      .join(', ')},`,
  );
}
const text = `// Made by tools/lowercase-table.mjs; data, not to be edited by hand.

/** Unicode version of the mappings below. */
export const LOWERCASE_UNICODE_VERSION = '${process.versions.unicode}';

/**
 * Simple lowercase mappings (one code point to one) as runs of four numbers: first code point, count, step, delta. The
 * code points first, first + step, ... (count of them) map to themselves + delta. U+0130 is not in it.
 */
// biome-ignore format: rows of runs
export const LOWERCASE_RUNS: readonly number[] = [
${lines.join('\n')}
];
`;
await writeFile(new URL('../src/data/lowercase-table.ts', import.meta.url), text);
