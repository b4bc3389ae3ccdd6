// Writes src/text/character-table.ts from this engine's character classes: `node tools/character-table.mjs`.
// A new table changes how text is cut into tokens; models stay what they are.
import { writeFile } from 'node:fs/promises';

/** Letters and marks, numbers, white space; everything else is a symbol. */
const CLASSES = [/^[\p{L}\p{M}]$/u, /^\p{N}$/u, /^[\p{White_Space}\u200b\ufeff]$/u];

const runs = [];
for (let code = 0; code <= 0x10ffff; code++) {
  if (code >= 0xd800 && code <= 0xdfff) continue;
  const character = String.fromCodePoint(code);
  const kind = CLASSES.findIndex((pattern) => pattern.test(character)) + 1;
  const run = runs.at(-1);
  if (run?.kind === kind) run.last = code;
  else runs.push({ kind, first: code, last: code });
}
// Gaps between runs as lengths: the runs follow one another from 0 (surrogates belong to the run around them).
const numbers = runs.flatMap(({ kind, first }, i) => [(runs[i + 1]?.first ?? 0x110000) - first, kind]);
const lines = [];
for (let i = 0; i < numbers.length; i += 32) lines.push(`  ${numbers.slice(i, i + 32).join(', ')},`);
const text = `// Made by tools/character-table.mjs; data, not to be edited by hand.

/** Unicode version of the classes below. */
export const CHARACTER_UNICODE_VERSION = '${process.versions.unicode}';

/** Runs of code points from 0 on: length, class (0 symbol, 1 letter or mark, 2 number, 3 space), and so on. */
// biome-ignore format: rows of runs
export const CHARACTER_RUNS: readonly number[] = [
${lines.join('\n')}
];
`;
await writeFile(new URL('../src/text/character-table.ts', import.meta.url), text);
