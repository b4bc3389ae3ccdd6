import { fileURLToPath } from 'node:url';
import { ENGINES, labelOf } from './cells.mjs';
import { EngineProcess } from './engines/process.mjs';

const RUNNER = fileURLToPath(new URL('engines/runner.mjs', import.meta.url));

/** The middle value; of an even number the mean of the two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Starts the engine of a cell on a workload; `files` are of its models. */
function start(group, cell, { workload, files, python }) {
  const masks = cell.keep < 1;
  const details = {
    work: group.work,
    order: group.order,
    threads: cell.threads,
    tasks: cell.tasks,
    model: files.model(cell.keep, cell.tasks),
    masks: masks ? files.model(cell.keep, 3) : null,
    onnx: files.graphs(cell.keep).slice(0, cell.tasks),
  };
  if (cell.engine !== 'pytorch')
    return new EngineProcess(process.execPath, [RUNNER, ENGINES[cell.engine][group.work], workload, JSON.stringify(details)]);
  // PyTorch's threads alone: with a second pool in the BLAS the two fight over the processors. Those that wait must sleep.
  const environment = {
    OMP_NUM_THREADS: `${cell.threads}`,
    OMP_WAIT_POLICY: 'passive',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: `${cell.threads}`,
  };
  return new EngineProcess(python, [ENGINES.pytorch.script, workload, JSON.stringify(details)], environment);
}

/** Engines that start, and warm up, at the same time. */
const AT_ONCE = 2;

async function open(group, cell, context) {
  const engine = start(group, cell, context);
  try {
    return { cell, engine, version: await engine.ready(), speeds: [] };
  } catch (error) {
    engine.close();
    return { cell, missing: error.message };
  }
}

/**
 * Runs the cells of a group: all are started, then take turns, `repetitions` times around. Answers with
 * `{ ...cell, version, speeds }`, tokens per second of each round, or `{ ...cell, missing }` with the reason.
 */
export async function measureGroup(group, context, { repetitions, scale, report }) {
  const running = [];
  for (let first = 0; first < group.cells.length; first += AT_ONCE) {
    report(`${group.name}: ${labelOf(group.cells[first])} and others start`);
    running.push(...(await Promise.all(group.cells.slice(first, first + AT_ONCE).map((cell) => open(group, cell, context)))));
  }
  try {
    for (let round = 0; round < repetitions; round++) {
      for (const { cell, engine, speeds } of running.filter((entry) => entry.engine)) {
        report(`${group.name}: round ${round + 1} of ${repetitions}, ${labelOf(cell)}`);
        const { tokens, seconds } = await engine.measure(scale * group.seconds);
        speeds.push(tokens / seconds);
      }
    }
  } finally {
    for (const { engine } of running) engine?.close();
  }
  return running.map(({ cell, version, speeds, missing }) => ({ ...cell, ...(missing === undefined ? { version, speeds } : { missing }) }));
}
