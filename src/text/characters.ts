import { CHARACTER_RUNS } from './character-table.js';

/** What a character is to the tokenizer. */
export const SYMBOL = 0;
export const LETTER = 1;
export const DIGIT = 2;
export const SPACE = 3;
export type CharacterClass = typeof SYMBOL | typeof LETTER | typeof DIGIT | typeof SPACE;

const starts: number[] = [];
const classes: CharacterClass[] = [];
for (let i = 0, code = 0; i < CHARACTER_RUNS.length; i += 2) {
  starts.push(code);
  classes.push(CHARACTER_RUNS[i + 1] as CharacterClass);
  code += CHARACTER_RUNS[i]!;
}
const ASCII = Array.from({ length: 128 }, (_, code) => search(code));

/** The class of a code point, by the project's own frozen table. */
export function classOf(code: number): CharacterClass {
  return code < 128 ? ASCII[code]! : search(code);
}

function search(code: number): CharacterClass {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= code) low = middle;
    else high = middle - 1;
  }
  return classes[low]!;
}
