import { access } from 'node:fs/promises';
import path from 'node:path';
import { type ModelContents, type NetworkSummary, openModelFile, summarizeNetwork } from 'sparsetag';
import { type Command, JSON_OPTION } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { displayName, isFolder, readModel } from '../files.js';
import type { Host } from '../host.js';
import { writePictures } from '../pictures/write-pictures.js';
import { counted, formatCount, formatPercent } from '../render/quantity.js';
import { type Alignment, formatTable } from '../render/table.js';
import { RUN_FILES } from '../run-folder.js';

export const inspect: Command = {
  name: 'inspect',
  summary: 'show what a model file holds',
  usage: 'MODEL|RUN [options]',
  description: `Shows the fingerprint, the tasks, and every tensor with the share of its weights that each task keeps (for LSTM
matrices also by gate, in the order i f g o), and how far the masks of the tasks agree. The file is checked as it is read. RUN is a
folder of sparsetag train: its model is shown. --pictures draws the masks by layer and gate and, of a run, losses, dev scores and
pruning rounds, also while it trains; a finished run has them in its folder pictures.`,
  options: {
    pictures: { value: 'DIR', help: 'write SVG pictures, and an index.html that shows them' },
    json: JSON_OPTION,
  },
  takesSettings: false,
  positionals: [1, 1],
  examples: [
    ['sparsetag inspect runs/first/model.safetensors', 'tables'],
    ['sparsetag inspect runs/first --pictures so-far', 'how a run is doing; open so-far/index.html'],
    ['sparsetag inspect model.safetensors --json | jq .networks[0].masks', 'one part, for a program'],
  ],
  async run(args, host) {
    const place = args.positionals[0]!;
    const run = (await isFolder(place)) ? place : null;
    const file = run === null ? place : path.join(run, RUN_FILES.model);
    const folder = args.value('pictures');
    if (run !== null && folder !== undefined && (await isUnfinished(run))) {
      host.note(`${displayName(run)} has no model yet; its training so far is drawn`);
      await draw(folder, null, run, host);
      return EXIT.ok;
    }
    const { contents, fingerprint } = await readModel(file, openModelFile);
    const networks = contents.networks.map((network) => summarizeNetwork(contents, network));
    if (args.has('json')) {
      const { numericsVersion, config, corpora, tasks, results } = contents;
      await host.write(`${JSON.stringify({ schema: 1, fingerprint, numericsVersion, tasks, corpora, results, networks, config })}\n`);
    } else {
      await host.write(`fingerprint ${fingerprint}\n\n${formatTasks(contents)}${networks.map(formatNetwork).join('')}`);
    }
    if (folder !== undefined) await draw(folder, contents, run, host);
    return EXIT.ok;
  },
};

async function draw(folder: string, contents: ModelContents | null, run: string | null, host: Host): Promise<void> {
  const { page, count } = await writePictures(folder, contents, run);
  host.note(`${counted(count, 'picture')}: ${displayName(page)}`);
}

/** Whether a run has begun in the folder and has not ended. */
async function isUnfinished(run: string): Promise<boolean> {
  const isThere = (name: string): Promise<boolean> =>
    access(path.join(run, name)).then(
      () => true,
      () => false,
    );
  return !(await isThere(RUN_FILES.model)) && (await isThere(RUN_FILES.events));
}

function formatTasks({ tasks, vocabulary }: ModelContents): string {
  const rows = tasks.map(({ name, type, head, scheme, tags, network }) => [name, type, scheme ?? '-', head, `${tags.length}`, network]);
  const table = formatTable(
    [['task', 'type', 'scheme', 'head', 'tags', 'network'], ...rows],
    ['left', 'left', 'left', 'left', 'right', 'left'],
  );
  return `${table}${counted(vocabulary.words.length, 'word')}, ${counted(vocabulary.characters.length, 'character')}\n`;
}

function formatNetwork({ name, tensors, masks }: NetworkSummary): string {
  const tasks = Object.keys(masks?.kept ?? {});
  const rows = tensors.map((tensor) => [
    tensor.name,
    tensor.shape.join(' x '),
    formatCount(tensor.size),
    ...tasks.map((task) => formatKept(tensor.kept[task], tensor.size, tensor.gates[task])),
  ]);
  const alignments: Alignment[] = ['left', 'right', 'right', ...tasks.map((): Alignment => 'left')];
  const table = formatTable([['tensor', 'shape', 'weights', ...tasks.map((task) => `kept by ${task} (i f g o)`)], ...rows], alignments);
  return `\nnetwork ${name}\n${table}${masks ? formatMasks(masks) : 'nothing is pruned\n'}`;
}

function formatKept(kept: number | undefined, size: number, gates: readonly number[] | undefined): string {
  if (kept === undefined) return '';
  const percent = formatPercent(kept / size).padStart(7);
  return gates ? `${percent} (${gates.map((fraction) => (100 * fraction).toFixed(0)).join(' ')})` : percent;
}

function formatMasks({ prunable, kept, union, overlap }: NonNullable<NetworkSummary['masks']>): string {
  const line = (name: string, count: number) => [name, formatCount(count), formatPercent(count / prunable)];
  const rows = [...Object.entries(kept).map(([task, count]) => line(task, count)), line('union', union)];
  return `\n${formatTable([['prunable weights', formatCount(prunable), 'kept'], ...rows], ['left', 'right', 'right'])}mask overlap ${overlap.raw.toFixed(3)}, ${overlap.chance.toFixed(3)} by chance, ${overlap.corrected.toFixed(3)} corrected for chance
`;
}
