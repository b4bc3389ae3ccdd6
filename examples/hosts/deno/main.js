import { readFile } from 'node:fs/promises';
import { Tagger } from 'sparsetag/infer';

const tagger = await Tagger.load(await readFile('model.safetensors'));
const entities = tagger.entities('Ada Lovelace lived in London.', { task: 'ner' });
console.log(JSON.stringify({ fingerprint: tagger.fingerprint, entities }));
