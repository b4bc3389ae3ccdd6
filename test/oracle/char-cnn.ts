// The data movement of a character CNN over single words, [character][dimension], as a textbook has it.

/** The window around each character: `dimension * width` numbers, all offsets of a dimension together; +0 outside the word. */
export function windows(word: readonly (readonly number[])[], width: number): number[][] {
  const half = (width - 1) / 2;
  return word.map((characters, q) => {
    const window: number[] = [];
    for (let c = 0; c < characters.length; c++) for (let k = 0; k < width; k++) window.push(word[q + k - half]?.[c] ?? 0);
    return window;
  });
}

/** Of one filter's values over the characters of a word: the first maximum above 0, or 0 and -1. */
export function reluMax(values: readonly number[]): { value: number; at: number } {
  const value = Math.max(...values);
  return value > 0 ? { value, at: values.indexOf(value) } : { value: 0, at: -1 };
}
