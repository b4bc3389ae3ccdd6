// What SparseTag sets out to be, as ratios of speeds in one run (docs/performance.md says how they are taken).
import { median } from './measure.mjs';

/** Median of the ratios of two cells, round by round: both were measured within the same seconds. */
function ratio(a, b) {
  if (!a?.speeds || !b?.speeds) return null;
  return median(a.speeds.map((speed, round) => speed / b.speeds[round]));
}

const best = (cells) => cells.filter((cell) => cell?.speeds).sort((a, b) => median(b.speeds) - median(a.speeds))[0];

/** Every goal with what was measured (`null`: not in this run) and whether it is met. */
export function judge(groups, extras) {
  const cell = (group, engine, keep, tasks, threads) =>
    groups
      .find(({ name }) => name === group)
      ?.results.find((each) => each.engine === engine && each.keep === keep && each.tasks === tasks && each.threads === threads);
  const [training, tagging, single] = [
    'training, batches of similar length',
    'tagging, batches of similar length',
    'tagging, one sentence at a time',
  ];
  const own = (group, keep, tasks, threads) => cell(group, 'sparsetag', keep, tasks, threads);
  const bestOf = (engine, keep) => best([1, 2].map((threads) => cell(training, engine, keep, 3, threads)));
  const goals = [];
  const atLeast = (goal, target, measured) =>
    goals.push({ goal, target: `≥ ${target}`, measured, met: measured === null ? null : measured >= target });
  const atMost = (goal, target, measured) =>
    goals.push({ goal, target: `≤ ${target}`, measured, met: measured === null ? null : measured <= target });

  atLeast('training, dense / PyTorch, each at its best', 3, ratio(bestOf('sparsetag', 1), bestOf('pytorch', 1)));
  atLeast('training, 20 % kept / PyTorch, each at its best', 9, ratio(bestOf('sparsetag', 0.2), bestOf('pytorch', 1)));
  atLeast('training, dense / TensorFlow.js wasm, each at its best', 50, ratio(bestOf('sparsetag', 1), bestOf('tfjs', 1)));
  atLeast('training, dense / PyTorch, one thread', 1.6, ratio(own(training, 1, 3, 1), cell(training, 'pytorch', 1, 3, 1)));
  atLeast('training, 20 % kept / PyTorch, one thread', 5, ratio(own(training, 0.2, 3, 1), cell(training, 'pytorch', 1, 3, 1)));
  for (const tasks of [1, 3]) {
    const what = tasks === 1 ? 'one task' : 'three tasks';
    for (const threads of [1, 2]) {
      const where = `${what}, ${threads} thread${threads > 1 ? 's' : ''}`;
      for (const [keep, target] of [
        [0.2, 1.3],
        [0.1, 2],
      ])
        atLeast(
          `tagging, ${100 * keep} % kept / ONNX Runtime native, ${where}`,
          target,
          ratio(own(tagging, keep, tasks, threads), cell(tagging, 'native', keep, tasks, threads)),
        );
      atLeast(
        `tagging, 20 % kept / ONNX Runtime web, ${where}`,
        5,
        ratio(own(tagging, 0.2, tasks, threads), cell(tagging, 'web', 0.2, tasks, threads)),
      );
    }
  }
  for (const threads of [1, 2])
    atLeast(
      `tagging, dense / ONNX Runtime web, one task, ${threads} thread${threads > 1 ? 's' : ''}`,
      2,
      ratio(own(tagging, 1, 1, threads), cell(tagging, 'web', 1, 1, threads)),
    );
  for (const threads of [1, 2])
    atLeast(
      `tagging one sentence, 20 % kept / ONNX Runtime native, ${threads} thread${threads > 1 ? 's' : ''}`,
      1.5,
      ratio(own(single, 0.2, 1, threads), cell(single, 'native', 0.2, 1, threads)),
    );
  for (const [what, group, tasks] of [
    ['training', training, 3],
    ['tagging', tagging, 1],
  ])
    for (const keep of [1, 0.2])
      atLeast(
        `${what}, two threads / one, ${keep < 1 ? '20 % kept' : 'dense'}`,
        1.8,
        ratio(own(group, keep, tasks, 2), own(group, keep, tasks, 1)),
      );
  atMost('time of a training step outside kernels, %', 5, extras.outsideKernels ?? null);
  atMost('peak memory of training, 30,000 words, sentences to 128 tokens, MB', 300, extras.peakMegabytes ?? null);
  atMost('gzip of what tags (script and kernels), KB', 60, extras.tagKilobytes ?? null);
  atMost('gzip of what trains and tags, KB', 120, extras.trainKilobytes ?? null);
  return goals;
}
