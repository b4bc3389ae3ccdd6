import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFORMANCE_CASES, suiteDigest } from '../../src/conformance/conformance.js';
import goldens from '../../src/conformance/goldens.json' with { type: 'json' };
import { ROOT } from '../architecture/source-files.js';
import { type Cell, FEW_CELLS, type Outcome } from './cells.js';
import { ENGINES, type Engine, NODE_NEWEST, type Session } from './engines.js';
import { cellName, Matrix } from './matrix.js';

const isGate = process.env.ENGINE_CELLS === 'few';
const engines = ENGINES.filter((engine) => engine.isInGate || !isGate);
const expected = suiteDigest(Object.entries(goldens).map(([name, digest]) => ({ name, digest })));
const matrix = new Matrix();

async function tryRun(session: Session, cell: Cell, tries: number): Promise<Outcome> {
  const outcome = await session.run(cell);
  return 'error' in outcome && tries > 1 ? tryRun(session, cell, tries - 1) : outcome;
}

function suiteIn(engine: Engine): void {
  const version = engine.version();
  if (version === null) {
    // A machine that ought to have it fails, a person's goes on.
    test(`is here (${engine.install})`, ({ skip }) => {
      if (process.env.CI) expect.fail(`${engine.name} is missing: ${engine.install}`);
      skip('it is missing, so nothing was tested');
    });
    return;
  }
  let session: Session;
  beforeAll(async () => {
    matrix.add(engine, version);
    session = await engine.open();
  });
  afterAll(() => session.close());

  const cells = isGate ? FEW_CELLS : engine.cells;
  test.each(cells.map((cell) => [cellName(cell), cell] as const))(`${version}: %s`, async (_name, cell) => {
    const outcome = await tryRun(session, cell, engine.tries);
    matrix.record(cell, outcome);
    if (!engine.hasThreads && cell.build === 'threads' && 'missing' in outcome) return;
    expect(outcome).toEqual({ cases: CONFORMANCE_CASES.length, faults: [], digest: expected });
  });
}

for (const engine of engines) describe([engine.name, engine.note].filter((part) => part !== '').join(', '), () => suiteIn(engine));

test('two versions of Node compile the same kernels', async () => {
  const { compileKernels, KERNEL_TARGETS } = (await import(new URL('../../build.mjs', import.meta.url).href)) as Builder;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sparsetag-kernels-'));
  try {
    for (const target of Object.keys(KERNEL_TARGETS)) {
      const file = path.join(folder, `${target}.wasm`);
      await compileKernels(target, file, NODE_NEWEST);
      const built = await readFile(path.join(ROOT, `dist/kernels.${target}.wasm`));
      expect((await readFile(file)).equals(built), target).toBe(true);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

interface Builder {
  readonly KERNEL_TARGETS: Readonly<Record<string, string>>;
  compileKernels(target: string, file: string, node: string): Promise<unknown>;
}

afterAll(async () => {
  console.log(`\n${matrix}\ndigest ${matrix.digest ?? 'differs'}\n`);
  if (matrix.isWhole(ENGINES) && matrix.digest === expected) await publish();
});

/** Writes docs/engines.md and the matrix of the README. */
async function publish(): Promise<void> {
  await writeFile(path.join(ROOT, 'docs/engines.md'), page());
  const readme = path.join(ROOT, 'README.md');
  const [begin, end] = ['<!-- engines -->\n', '<!-- /engines -->'];
  const text = await readFile(readme, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))];
  await writeFile(readme, `${before}${matrix}\nDigest of all that is equal: \`${expected}\`.\n${after}`);
}

function page(): string {
  return `# Engines

The conformance suite (src/conformance) has ${CONFORMANCE_CASES.length} cases: every kernel, a small training in every way of sharing with its losses and model
file, a model saved again, tags and scores of a text. A cell says whether all of them are equal to their golden digests,
with dense and with sparse kernels (-: not tried, n/a: not there). \`npm run test:engines\` fills the matrix and writes this page; every change is tested
in the engines that most people have, in some of the cells.

${matrix}
One digest everywhere: \`${expected}\`.
\`npm run conformance\` prints it for your own machine, case by case.
`;
}
