import { Tagger } from 'sparsetag/infer';

addEventListener('message', async ({ data: { model, text } }) => {
  const tagger = await Tagger.load(model);
  postMessage({ fingerprint: tagger.fingerprint, entities: tagger.entities(text, { task: 'ner' }) });
});
