// `npm run demo-model`: the demo model from nothing, data and all, with the command line of this repository. Training takes about half an hour
// on one slow core; interrupted, it goes on where it was.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RUN = 'runs/demo';
const TRAINED = `${RUN}/model.safetensors`;
const COMPACT = 'web/demo/model.safetensors';
const VECTORS = 'data:glove/glove.100d.txt';
// Page and model are to take at most 4 MB on the way.
const WORDS = '30000';
// Where each task has labels: the files of `sparsetag data`, and the columns.
const TESTS = [
  ['ewt', 'pos=1,chunk=2'],
  ['gum', 'ner=3'],
];

function run(args, stdio = 'inherit') {
  const { status, stdout } = spawnSync(process.execPath, ['dist/cli.js', ...args], {
    cwd: root,
    stdio: ['ignore', stdio, 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

const tests = new Map();
for (const id of ['ewt', 'gum', 'glove']) {
  const set = JSON.parse(run(['data', 'get', id, '--json'], 'pipe'));
  tests.set(id, set.files?.test.path);
}
if (!existsSync(path.join(root, TRAINED))) {
  const resume = existsSync(path.join(root, RUN, 'checkpoint.safetensors')) ? ['--resume'] : [];
  run(['train', '--config', 'web/demo/demo.json', '--out', RUN, ...resume]);
}
run(['export', TRAINED, '--compact', COMPACT, '--vocabulary', WORDS, '--vectors', VECTORS]);
for (const model of [TRAINED, COMPACT]) {
  console.log(`\n${model}`);
  for (const [id, columns] of TESTS) run(['evaluate', model, tests.get(id), '--columns', columns]);
}
