// How well the tokenizer and the sentence splitter agree with treebanks: `npm run report:tokenizer -- FILE...`
// Files are CoNLL columns with the token first and its Penn tag second. They hold no raw text, so spaces are put back by a rule that
// uses the gold tags (below); what the tokenizer makes of that text is compared with the gold tokens by their offsets.
import { readFileSync } from 'node:fs';
import { parseConll, splitText } from '../dist/index.js';
import { compare } from './compare-tokens.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run report:tokenizer -- FILE...   CoNLL columns: token, Penn tag');
  process.exit(2);
}
const verbose = process.env.SHOW === '1';
for (const file of files) {
  const sentences = parseConll(readFileSync(file, 'utf8'), { file, tokenColumn: 0, columns: [1] });
  const { f1, sentenceF1, missed } = compare(sentences, splitText);
  console.log(`${file}  tokens F1 ${f1.toFixed(2)}  sentences F1 ${sentenceF1.toFixed(2)}`);
  if (verbose) for (const [what, count] of [...missed].sort((a, b) => b[1] - a[1]).slice(0, 60)) console.log(`  ${count}  ${what}`);
}
