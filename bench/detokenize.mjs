// Puts treebank tokens together again as text. Treebank columns do not say where spaces were, so the tags decide: punctuation and clitics
// stand close to what they belong to, hyphens (HYPH) close on both sides, quotes close to the inside.

const CLOSE_BEFORE = new Set([',', '.', ':', "''", '-RRB-', 'POS', 'HYPH']);
const CLOSE_AFTER = new Set(['``', '-LRB-', '$', '#', 'HYPH', 'AFX']);
const CLITIC = /^(?:n['’]?t|['’](?:s|m|d|re|ve|ll))$/i;
const SPLIT = /^(?:can|gon|got|wan|gim|lem|du)$/i;
const REST = /^(?:not|na|ta|me|nno)$/i;
const DASH = /^(?:[-–—]+|\.\.+|\/)$/;

/** @param sentences [{ tokens, labels: [tags] }] */
export function detokenize(sentences) {
  let text = '';
  const spans = [];
  const ends = [];
  let quoteOpen = false;
  for (const { tokens, labels } of sentences) {
    const tags = labels[0];
    let glue = true;
    quoteOpen = false;
    tokens.forEach((token, i) => {
      const tag = tags[i];
      const before = tokens[i - 1] ?? '';
      let close = glue || (CLOSE_BEFORE.has(tag) && !(tag === ':' && DASH.test(token) && token !== '/')) || CLITIC.test(token);
      if (SPLIT.test(before) && REST.test(token)) close = true;
      let after = CLOSE_AFTER.has(tag) || (tag === 'HYPH' && token.length === 1);
      if (token === '/' || (token === '%' && /\d$/.test(before))) close = true;
      if (token === '/') after = true;
      if (token === '"') {
        close = glue || quoteOpen;
        after = !quoteOpen;
        quoteOpen = !quoteOpen;
      }
      if (tag === ':' && token === '-') close = false;
      if (text !== '' && !close) text += ' ';
      else if (i === 0 && text !== '') text += ' ';
      spans.push([text.length, text.length + token.length]);
      text += token;
      glue = after;
    });
    ends.push(text.length);
    if (glue && text !== '') glue = false;
  }
  return { text, spans, ends };
}
