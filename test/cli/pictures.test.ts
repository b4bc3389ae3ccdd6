import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GATES, readModelFile, summarizeNetwork, type TrainEvent } from 'sparsetag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maskPictures } from '../../cli/pictures/mask-pictures.js';
import { readTraining, trainingPictures } from '../../cli/pictures/training-pictures.js';
import { writePictures } from '../../cli/pictures/write-pictures.js';
import { drawChart } from '../../cli/render/svg/chart.js';
import { drawMasks } from '../../cli/render/svg/mask-picture.js';
import { runTraining, smallConfig, smallCorpus } from '../helpers/small-run.js';
import { elements, labels, parseXml, type XmlElement } from '../helpers/xml.js';

const trained = (sharing: string, tasks: Record<string, unknown> = {}) =>
  runTraining(smallConfig({ train: { sharing, epochs: 2 }, ...tasks }), {}, smallCorpus(40));
const sparse = trained('sparse');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const linesOf = (events: readonly TrainEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'checkpoint' || event.type === 'done' ? [] : [JSON.stringify(event)]));
/** The pictures of a run that has left these lines. */
async function picturesOf(text: string): Promise<Record<string, XmlElement>> {
  await writeFile(path.join(folder, 'events.jsonl'), text);
  return Object.fromEntries(trainingPictures(await readTraining(folder)).map(({ file, svg }) => [file, parseXml(svg)]));
}
/** Marks of each series, without those of the legend. */
const pointsOf = (picture: XmlElement): number[] =>
  elements(picture, 'g')
    .map(({ children }) => children.filter((child) => typeof child !== 'string' && !/line|bar/.test(child.attributes.class ?? '')))
    .map((marks) => marks.filter((mark) => typeof mark !== 'string' && mark.name !== 'text').length)
    .slice(0, -labels(picture).filter((label) => ['pos', 'chunk', 'ner'].includes(label)).length);

/** Cells of a panel that show any kept weight, by the lengths of its paths. */
const cellsOf = (panel: XmlElement): number =>
  elements(panel, 'path')
    .flatMap(({ attributes }) => [...attributes.d!.matchAll(/h(\d+)v1/g)])
    .reduce((sum, [, length]) => sum + Number(length), 0);

describe('pictures of masks', () => {
  test('are one for each layer and gate and one for the character filters, and say the shares that the masks have', async () => {
    const contents = readModelFile((await sparse).done.model);
    const pictures = new Map(maskPictures(contents).map(({ file, svg }) => [file, parseXml(svg)]));
    expect([...pictures.keys()]).toEqual([...GATES.map((gate) => `masks-layer-1-${gate}.svg`), 'masks-characters.svg']);
    const { tensors } = summarizeNetwork(contents, contents.networks[0]!);
    GATES.forEach((gate, g) => {
      const picture = pictures.get(`masks-layer-1-${gate}.svg`)!;
      const shares = labels(picture).filter((label) => label.endsWith(' %'));
      const wanted = ['forward.input', 'forward.recurrent', 'backward.input', 'backward.recurrent'].flatMap((part) => {
        const { gates } = tensors.find(({ name }) => name === `lstm.0.${part}`)!;
        return [gates.pos!, gates.chunk!, gates.ner!].map((all) => `${(100 * all[g]!).toFixed(1)} %`);
      });
      expect(shares.filter((_, i) => i % 4 < 3)).toEqual(wanted);
      for (const [i, share] of shares.entries())
        if (i % 4 === 3)
          for (let t = 1; t < 4; t++) expect(Number.parseFloat(share)).toBeLessThanOrEqual(Number.parseFloat(shares[i - t]!));
    });
    // The matrices are so small that a cell is a weight.
    const panels = elements(pictures.get('masks-characters.svg')!, 'g').filter(({ attributes }) => attributes.transform);
    const kept = tensors.find(({ name }) => name === 'char.conv.weight')!.kept;
    expect(panels.slice(0, 3).map(cellsOf)).toEqual([kept.pos, kept.chunk, kept.ner]);
  });

  test('show a cell of many weights as strongly as its share, and parts of cells at the edge', () => {
    const [rows, columns] = [40, 70];
    const bits = new Uint32Array(Math.ceil((rows * columns) / 32));
    // The first two rows, which are the first row of cells.
    for (let e = 0; e < 2 * columns; e++) bits[e >> 5]! |= 1 << (e & 31);
    bits[bits.length - 1]! |= 1 << ((rows * columns - 1) & 31);
    const picture = parseXml(drawMasks('t', [{ title: 'm', rows, columns, begin: 0, masks: [{ task: 'a', bits }] }]));
    expect(labels(picture)).toContain('5.0 %');
    const shades = elements(picture, 'path').map(({ attributes }) => [attributes['fill-opacity'], attributes.d]);
    // Cells of 2 x 3 weights: 20 x 24 of them, the last with a column of 1.
    expect(shades).toEqual([
      ['0.5', 'M23 19h1v1H23z'],
      ['1', 'M0 0h24v1H0z'],
    ]);
  });

  test('name the network where there are several, and show all weights of a task that masks leave alone', async () => {
    const alone = maskPictures(readModelFile((await trained('subnet')).done.model));
    expect(alone).toHaveLength(15);
    expect(alone[0]).toMatchObject({ file: 'masks-pos-layer-1-i.svg', title: 'Layer 1, input gate (network pos)' });
    expect(labels(parseXml(alone[0]!.svg))).not.toContain('all of them');
    const model = { layers: 2, hidden: 5, wordDimension: 9, charDimension: 0 };
    const base = smallConfig();
    const tasks = base.tasks.map(({ name, column, type }) => ({ name, column, type, ...(name === 'pos' && { layer: 1 }) }));
    const pictures = maskPictures(readModelFile((await trained('hierarchical', { model, tasks })).done.model));
    expect(pictures.map(({ file }) => file)).toContain('masks-layer-2-o.svg');
    const upper = parseXml(pictures.find(({ file }) => file === 'masks-layer-2-o.svg')!.svg);
    expect(labels(upper).slice(5, 10)).toEqual(['forward input: 5 rows of 10', '0.0 %', '100.0 %', '100.0 %', '0.0 %']);
  });

  test('of a model without masks there are none, and the page says why', async () => {
    const contents = readModelFile((await trained('hard')).done.model);
    const { page, count } = await writePictures(path.join(folder, 'hard'), contents, null);
    expect(count).toBe(0);
    const text = await readFile(page, 'utf8');
    expect(text).toContain('There are no masks: every task keeps all weights.');
    expect(text).toContain('name the folder of the run');
  });
});

describe('pictures of a training', () => {
  test('have a point for every epoch and task, and for every pruning round', async () => {
    const pictures = await picturesOf(`${linesOf((await sparse).events).join('\n')}\n`);
    expect(Object.keys(pictures)).toEqual(['loss.svg', 'dev.svg', 'pruning-loss.svg', 'pruning-dev.svg', 'rounds.svg']);
    expect(pointsOf(pictures['loss.svg']!)).toEqual([2, 2, 2]);
    expect(pointsOf(pictures['dev.svg']!)).toEqual([2, 2, 2]);
    expect(pointsOf(pictures['pruning-dev.svg']!)).toEqual([3, 3, 3]);
    expect(pointsOf(pictures['rounds.svg']!)).toEqual([3, 3, 3]);
    expect(labels(pictures['rounds.svg']!).filter((label) => label === 'chosen')).toHaveLength(3);
  });

  test('show what there is of a run that was killed, and what was done again once', async () => {
    const lines = linesOf((await sparse).events);
    const whole = await picturesOf(lines.join('\n'));
    const half = await picturesOf(`${lines.slice(0, -1).join('\n')}\n${lines.at(-1)!.slice(0, 30)}`);
    expect(pointsOf(half['rounds.svg']!)).toEqual([3, 3, 3]);
    expect(half['loss.svg']).toBeUndefined();
    // Resumed: the half line stays and runs into the next event, which is always `start`; the last epoch is trained again.
    const [start] = lines;
    const again = await picturesOf([...lines.slice(0, -1), `${lines.at(-1)!.slice(0, 30)}${start}`, ...lines.slice(-2)].join('\n'));
    expect(again).toEqual(whole);
    expect(await picturesOf('')).toEqual({});
  });

  test('of models for single tasks have a line for each', async () => {
    const pictures = await picturesOf(linesOf((await trained('single')).events).join('\n'));
    expect(Object.keys(pictures)).toEqual(['loss.svg', 'dev.svg']);
    expect(pointsOf(pictures['loss.svg']!)).toEqual([2, 2, 2]);
  });
});

test('what users name comes into pictures as text, shortened where there is no room', () => {
  const name = `</text><script>&"\u0001${'x'.repeat(40)}`;
  const series = [
    {
      name,
      points: [
        { x: 1, y: Number.MIN_VALUE },
        { x: 2, y: -0.5, sd: 0.1, label: '<b>' },
      ],
    },
  ];
  const chart = parseXml(drawChart({ title: name, description: name, x: '<', y: '>', series }));
  expect(labels(chart)).toContain('</text><script>&…');
  expect(labels(chart)).toContain('<b>');
  const masks = [{ task: name, bits: Uint32Array.of(1) }];
  const picture = parseXml(drawMasks(name, [{ title: name, rows: 1, columns: 1, begin: 0, masks }]));
  expect(labels(picture)[1]).toBe('</text><script>&"\ufffdxxx…');
});

test('a page shows every picture of its folder', async () => {
  const out = path.join(folder, 'out');
  await writeFile(path.join(folder, 'events.jsonl'), linesOf((await sparse).events).join('\n'));
  const { page, count } = await writePictures(out, readModelFile((await sparse).done.model), folder);
  const text = await readFile(page, 'utf8');
  const shown = [...text.matchAll(/<img src="([^"]+)" alt="[^"]+">/g)].map(([, file]) => file!);
  expect(shown).toHaveLength(count);
  expect([...shown, 'index.html'].sort()).toEqual((await readdir(out)).sort());
});
