import { decodeUtf8, formatConlleval, parseConlleval, scoreSpans } from 'sparsetag';
import { type Command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { inputName, readInputWhole } from '../files.js';

export const score: Command = {
  name: 'score',
  summary: 'score spans as conlleval does',
  usage: '[FILE|-] [options]',
  description: `Scores the last two columns of a file, gold and predicted labels (BIO or IOB1), and writes the report of the
conlleval script: precision, recall and F1 of whole spans, over all and by type.`,
  options: { json: JSON_OPTION },
  takesSettings: false,
  positionals: [0, 1],
  examples: [
    ['sparsetag score predictions.txt', 'the report as text'],
    ['sparsetag tag model.safetensors test.txt --task ner | sparsetag score', 'gold labels last in test.txt, predictions after them'],
  ],
  async run(args, host) {
    const [file] = args.positionals;
    const name = inputName(file);
    const text = decodeUtf8(await readInputWhole(file, host), name);
    const result = scoreSpans(parseConlleval(text, name));
    await host.write(args.has('json') ? `${JSON.stringify({ schema: 1, ...result })}\n` : formatConlleval(result));
    return EXIT.ok;
  },
};
