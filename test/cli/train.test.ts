import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticCorpus } from '../../src/conformance/synthetic-corpus.js';
import { ERROR_LINE, type Outcome, sparsetag } from './sparsetag.js';
import { TOY_CONFIG } from './toy-config.js';

let folder: string;
const at = (name: string) => path.join(folder, name);
const modelOf = (run: string) => readFile(at(`${run}/model.safetensors`));
const train = (run: string, ...args: string[]) => sparsetag(['train', '--config', at('config.json'), '--out', at(run), ...args]);

/** A run long enough to be stopped, and the same run left alone. */
const LONG = ['--train.epochs=30'];
let whole: Promise<Outcome> | undefined;

const config = {
  ...TOY_CONFIG,
  train: { epochs: 2 },
  warmup: { epochs: 1 },
  prune: { keep: [0.5], epochs: 1 },
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-train-'));
  const sizes = { train: 60, dev: 20, test: 20 };
  for (const [i, [name, sentences]] of Object.entries(sizes).entries()) {
    await writeFile(at(`${name}.txt`), syntheticCorpus({ seed: i, sentences }));
  }
  await writeFile(at('config.json'), JSON.stringify(config));
  const outcome = await train('run', '--json');
  await writeFile(at('outcome.json'), JSON.stringify(outcome));
});
afterAll(() => rm(folder, { recursive: true }));

describe('sparsetag train', () => {
  test('leaves model, trace, report, canonical config, events and pictures, and no checkpoint', async () => {
    const left = ['config.json', 'events.jsonl', 'model.safetensors', 'model.trace.jsonl', 'pictures', 'report.json'];
    expect((await readdir(at('run'))).sort()).toEqual(left);
    const canonical = await readFile(at('run/config.json'), 'utf8');
    expect(canonical).not.toContain(folder);
    expect(JSON.parse(canonical)).toMatchObject({ numerics: expect.any(Number), seed: 1, train: { epochs: 2, batchSize: 10 } });
    const events = (await readFile(at('run/events.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect([events[0], events.at(-1)]).toEqual(['start', 'done']);
    expect(new Set(events)).toEqual(new Set(['start', 'phase', 'epoch', 'round', 'subnet', 'done']));
  });

  test('makes the same model with any number of threads, which the run does not mention', async () => {
    for (const threads of ['2', 'auto']) {
      const { status, stdout } = await train(`threads-${threads}`, '--threads', threads, '--json');
      expect(status).toBe(0);
      expect(stdout).not.toContain('threads');
      expect(await modelOf(`threads-${threads}`)).toEqual(await modelOf('run'));
      expect(await readFile(at(`threads-${threads}/config.json`))).toEqual(await readFile(at('run/config.json')));
    }
  });

  test('--json writes the report to standard output, costs included', async () => {
    const { status, stdout } = JSON.parse(await readFile(at('outcome.json'), 'utf8'));
    const report = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(report).toEqual(JSON.parse(await readFile(at('run/report.json'), 'utf8')));
    expect(report).toMatchObject({
      schema: 1,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      wasm: expect.stringMatching(/^[0-9a-f]{64}$/),
      sharing: 'sparse',
      seed: 1,
      tasks: { pos: { metric: 'accuracy', dev: expect.any(Number), test: expect.any(Number) }, ner: { metric: 'f1' } },
      overlap: { raw: expect.any(Number), chance: expect.any(Number) },
    });
    for (const cost of ['tokensPerSecond', 'wallSeconds', 'peakMemoryBytes']) expect(report[cost]).toBeGreaterThan(0);
  });

  test('shows phases and epochs on standard error in plain lines, and nothing with --quiet', async () => {
    const { stderr } = JSON.parse(await readFile(at('outcome.json'), 'utf8'));
    expect(stderr).toMatch(/^warmup: 1 epoch of/m);
    expect(stderr).toMatch(/^train epoch 2 {2}loss pos .* dev pos \d/m);
    expect(stderr).not.toContain('\u001b');
    expect(await train('quiet', '--quiet', '--train.sharing=hard')).toMatchObject({ status: 0, stderr: '' });
  });

  test('gives the same model file again, and another one with another seed', async () => {
    expect((await train('again', '-q')).status).toBe(0);
    expect((await modelOf('again')).equals(await modelOf('run'))).toBe(true);
    expect((await train('seed', '-q', '--seed', '2')).status).toBe(0);
    expect((await modelOf('seed')).equals(await modelOf('run'))).toBe(false);
  });

  test('does not replace a finished run unless told to', async () => {
    const refused = await train('run', '-q');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(ERROR_LINE);
    expect(refused.stderr).toContain('holds a finished run');
    await train('forced', '-q', '--train.epochs=1');
    expect((await train('forced', '-q', '--force')).status).toBe(0);
    expect((await modelOf('forced')).equals(await modelOf('run'))).toBe(true);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops cleanly on %s with status %i and resumes to the same bits', async (signal, status) => {
    const run = `stopped-${signal}`;
    const stopped = await sparsetag(['train', '--config', at('config.json'), '--out', at(run), ...LONG], {
      whileRunning: (child) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes('train epoch 3')) child.kill(signal);
        });
      },
    });
    expect(stopped).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(/the same command with --resume goes on/) });
    expect((await readdir(at(run))).sort()).toEqual(['checkpoint.safetensors', 'events.jsonl', 'model.trace.jsonl']);
    const drawn = await sparsetag(['inspect', at(run), '--pictures', at(`${run}-so-far`)]);
    expect(drawn).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/has no model yet.*\n5 pictures: .*index\.html\n$/),
    });
    const refused = await train(run, ...LONG);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('holds a run that was interrupted') });
    const changed = await train(run, '--resume');
    expect(changed).toMatchObject({ status: 2, stderr: expect.stringMatching(ERROR_LINE) });
    expect((await train(run, '--resume', '-q', ...LONG)).status).toBe(0);
    whole ??= train('whole', '-q', ...LONG);
    expect((await whole).status).toBe(0);
    expect((await modelOf(run)).equals(await modelOf('whole'))).toBe(true);
    expect(await readFile(at(`${run}/model.trace.jsonl`), 'utf8')).toBe(await readFile(at('whole/model.trace.jsonl'), 'utf8'));
  });

  test.each([
    ['a label that only dev has', { dev: 'a\tNEW\tO\tB-PER\n' }, 3, 'bad-dev.txt:1:3: label "NEW" of task pos does not occur in'],
    ['no sentence', { train: '\n\n' }, 3, 'has no sentence'],
    ['a missing column', { train: 'a\tb\n' }, 3, 'bad-train.txt:1:'],
    ['a label of another scheme', { dev: 'a\tNNP\tO\tX-PER\n' }, 3, 'is not of the scheme bio'],
    ['a huge token', { train: `${'a'.repeat(5000)}\tNN\tO\tO\n` }, 3, 'expected at most 1000'],
  ])('with %s in the data has its own status and message', async (_what, texts, status, message) => {
    const files: string[] = [];
    for (const [split, text] of Object.entries(texts)) {
      await writeFile(at(`bad-${split}.txt`), text);
      files.push(`--corpora.toy.${split}=${at(`bad-${split}.txt`)}`);
    }
    const outcome = await train('bad', '-q', '--force', ...files);
    expect(outcome).toMatchObject({ status, stderr: expect.stringContaining(message) });
    expect(outcome.stderr).toMatch(ERROR_LINE);
  });

  test('says that a model does not fit in memory, and that the folder cannot be written', async () => {
    const huge = await train('huge', '-q', '--model.hidden=4096', '--model.layers=16');
    expect(huge).toMatchObject({ status: 6, stderr: expect.stringMatching(ERROR_LINE) });
    const unwritable = await train('config.json/run', '-q');
    expect(unwritable).toMatchObject({ status: 6, stderr: expect.stringMatching(ERROR_LINE) });
  });
});

describe('a trained model', () => {
  const model = () => at('run/model.safetensors');

  test('tags tokens and columns, one column a task', async () => {
    const tokens = await sparsetag(['tag', model()], { input: 'Ta tousar\n\nDais Bank .\n' });
    expect(tokens).toMatchObject({ status: 0, stderr: 'reading one sentence a line (--input tokens)\n' });
    expect(tokens.stdout).toMatch(/^Ta \S+ \S+\ntousar \S+ \S+\n\nDais \S+ \S+\nBank \S+ \S+\n\. \S+ \S+\n\n$/);
    const columns = await sparsetag(['tag', model(), at('test.txt'), '--task', 'ner', '-q']);
    const lines = (await readFile(at('test.txt'), 'utf8')).trimEnd().split('\n');
    expect(
      columns.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/[ \t]\S+$/, '')),
    ).toEqual(lines);
  });

  test('tags the same in JSON, a sentence a line, on two threads', async () => {
    const input = 'Dais Bank .\n';
    const [json, text] = await Promise.all([
      sparsetag(['tag', model(), '--json', '-q', '--threads', '2'], { input }),
      sparsetag(['tag', model(), '-', '-q', '--input', 'tokens'], { input }),
    ]);
    const { schema, tokens, ...tags } = JSON.parse(json.stdout);
    expect(schema).toBe(1);
    const rows = tokens.map((token: string, i: number) => `${token} ${tags.pos[i]} ${tags.ner[i]}\n`);
    expect(`${rows.join('')}\n`).toBe(text.stdout);
  });

  test('is evaluated with the scores of its report', async () => {
    const report = JSON.parse(await readFile(at('run/report.json'), 'utf8'));
    const { stdout } = await sparsetag(['evaluate', model(), at('test.txt'), '--json']);
    const { fingerprint, corpus, tasks } = JSON.parse(stdout);
    expect(fingerprint).toBe(report.fingerprint);
    expect(corpus).toBe(report.corpora[0].hashes.test);
    for (const { task, score } of tasks) expect(score).toBe(report.tasks[task].test);
    const one = await sparsetag(['evaluate', model(), at('test.txt'), '--columns', 'ner=3', '--details', '--threads', '2']);
    expect(one.stdout).toMatch(/^task +metric +score.*\nner +f1 [^\n]*\n\nner\nprocessed \d+ tokens with/);
  });

  test('is not evaluated on labels of another column, and says where the first one is', async () => {
    const { status, stderr } = await sparsetag(['evaluate', model(), at('test.txt'), '--columns', 'ner=1']);
    expect(status).toBe(3);
    expect(stderr).toMatch(ERROR_LINE);
    expect(stderr).toMatch(/test\.txt:1:\d+: label .* is not of the scheme bio/);
  });

  test('is inspected with kept weights by task and gate, overlap and fingerprint', async () => {
    const report = JSON.parse(await readFile(at('run/report.json'), 'utf8'));
    const { stdout } = await sparsetag(['inspect', model(), '--json']);
    const { fingerprint, networks } = JSON.parse(stdout);
    expect(fingerprint).toBe(report.fingerprint);
    const [{ masks, tensors }] = networks;
    expect(masks).toMatchObject({ prunable: report.prunable, union: report.union, overlap: report.overlap });
    expect(masks.kept).toEqual({ pos: report.tasks.pos.kept, ner: report.tasks.ner.kept });
    const matrix = tensors.find(({ name }: { name: string }) => name === 'lstm.0.forward.input');
    const mean = matrix.gates.pos.reduce((sum: number, share: number) => sum + share / 4, 0);
    expect(mean).toBeCloseTo(matrix.kept.pos / matrix.size, 10);
    const text = await sparsetag(['inspect', model()]);
    expect(text.stdout).toContain(`fingerprint ${fingerprint}\n`);
    expect(text.stdout).toMatch(/mask overlap 0\.\d{3}, 0\.\d{3} by chance/);
  });

  test('is drawn with the training of its run, as in the run folder, or by itself', async () => {
    const of = (folder: string) => readdir(at(folder)).then((files) => files.sort());
    const whole = await sparsetag(['inspect', at('run'), '--pictures', at('drawn')]);
    expect(whole).toMatchObject({ status: 0, stderr: expect.stringMatching(/^\d+ pictures: .*index\.html\n$/) });
    expect(whole.stdout).toBe((await sparsetag(['inspect', model()])).stdout);
    expect(await of('drawn')).toEqual(await of('run/pictures'));
    expect(await readFile(at('drawn/masks-layer-1-f.svg'), 'utf8')).toBe(await readFile(at('run/pictures/masks-layer-1-f.svg'), 'utf8'));
    await sparsetag(['inspect', model(), '--pictures', at('alone'), '-q']);
    expect(await of('alone')).toEqual((await of('drawn')).filter((file) => /^(masks-.*\.svg|index\.html)$/.test(file)));
    const refused = await sparsetag(['inspect', at('run'), '--pictures', at('config.json')]);
    expect(refused).toMatchObject({ status: 6, stderr: expect.stringMatching(ERROR_LINE) });
    expect(await sparsetag(['inspect', folder, '--pictures', at('x')])).toMatchObject({ status: 4, stdout: '' });
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 1000)],
    ['damaged', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -5), Buffer.alloc(5, 0x5a)])],
    ['another kind of file', () => Buffer.from('{"weights": []}')],
    ['empty', () => Buffer.alloc(0)],
  ])('that is %s is refused as a model file', async (_what, spoil) => {
    const file = at('spoilt.safetensors');
    await writeFile(file, spoil(await modelOf('run')));
    for (const command of [
      ['inspect', file],
      ['tag', file],
      ['evaluate', file, at('test.txt')],
    ]) {
      const { status, stdout, stderr } = await sparsetag(command, { input: 'a b\n' });
      expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
      expect(stderr).toMatch(ERROR_LINE);
    }
  });

  test('has no task of a name that it has not', async () => {
    const tagged = await sparsetag(['tag', model(), '--task', 'chunk'], { input: 'a\n' });
    expect(tagged).toMatchObject({ status: 2, stderr: expect.stringContaining('the model has no task chunk; it has pos, ner') });
    const evaluated = await sparsetag(['evaluate', model(), at('test.txt'), '--columns', 'chunk=2']);
    expect(evaluated).toMatchObject({ status: 2, stderr: expect.stringContaining('the model has no task "chunk"') });
  });
});
