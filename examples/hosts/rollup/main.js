import { Tagger } from 'sparsetag/infer';

const response = await fetch('model.safetensors');
const tagger = await Tagger.load(new Uint8Array(await response.arrayBuffer()));
const entities = tagger.entities('Ada Lovelace lived in London.', { task: 'ner' });
document.body.textContent = JSON.stringify({ fingerprint: tagger.fingerprint, entities });
