import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkClientImports, checkLibraryImports } from './import-rules.js';
import { parseSource, ROOT, sourceFiles } from './source-files.js';

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const dependencies = Object.keys(manifest.dependencies);
// What the page uses is bundled with it, so nobody installs that.
const bundled = Object.keys(manifest.devDependencies);

test('imports in src/ point downwards', () => {
  const files = sourceFiles('src');
  expect(files.length).toBeGreaterThan(5);
  expect(files.flatMap(checkLibraryImports)).toEqual([]);
});

test.each([
  ['cli', dependencies],
  ['web', [...dependencies, ...bundled]],
])('%s/ uses the library by its public name alone', (client, packages) => {
  expect(sourceFiles(client).flatMap((file) => checkClientImports(file, packages))).toEqual([]);
});

describe('the check of imports finds', () => {
  const library = (name: string, text: string) => checkLibraryImports(parseSource(name, text)).map((found) => found.rule);
  const client = (text: string) => checkClientImports(parseSource('cli/commands/tag.ts', text), ['comlink']).map((found) => found.rule);

  test.each([
    ['an import from a higher layer', 'src/model/lstm.ts', "import { train } from '../train/train.js';", /lies below train/],
    ['a type import from a higher layer', 'src/data/batch.ts', "import type { Score } from '../evaluate/score.js';", /lies below evaluate/],
    ['a re-export from a higher layer', 'src/errors.ts', "export { a } from './index.js';", /lies below index/],
    ['a dynamic import from a higher layer', 'src/model/lstm.ts', "await import('../tagger/tagger.js');", /lies below tagger/],
    ['an import type from a higher layer', 'src/model/lstm.ts', "let a: import('../train/train.js').A;", /lies below train/],
    [
      'the runtime in a layer that does without',
      'src/evaluate/spans.ts',
      "import { Arena } from '../runtime/arena.js';",
      /without the runtime/,
    ],
    ['a package', 'src/model/lstm.ts', "import 'left-pad';", /no dependency left-pad/],
    ['a Node module in a file for every host', 'src/io/conll.ts', "import 'node:fs';", /no dependency node:fs/],
    ['a file outside src/', 'src/io/conll.ts', "import '../../cli/main.js';", /outside the layers/],
    ['a folder that is no layer', 'src/utils/text.ts', '', /no layer/],
  ])('%s', (_what, name, text, rule) => {
    expect(library(name, text)).toEqual([expect.stringMatching(rule)]);
  });

  test('no fault in imports from the own and lower layers', () => {
    expect(library('src/train/train.ts', "import '../model/network.js'; import './events.js'; import '../errors.js';")).toEqual([]);
    expect(library('src/runtime/platform.node.ts', "import 'node:fs/promises';")).toEqual([]);
  });

  test('a client that reaches into src/ or for a package that nobody declared', () => {
    expect(client("import '../../src/errors.js';")).toEqual([expect.stringMatching(/not src\/errors.ts/)]);
    expect(client("import 'chalk';")).toEqual([expect.stringMatching(/neither/)]);
    expect(client("import 'sparsetag/internal';")).toEqual([expect.stringMatching(/neither/)]);
    expect(client("import 'sparsetag'; import 'node:fs'; import 'comlink'; import '../render/table.js';")).toEqual([]);
  });
});
