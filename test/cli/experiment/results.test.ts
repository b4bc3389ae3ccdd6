import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makePlan } from '../../../cli/experiment/plan.js';
import { type FinishedRun, summarise } from '../../../cli/experiment/results.js';
import { commandOf, planRuns } from '../../../cli/experiment/runs.js';

test('the command of a run is taken by a shell as it was meant, whatever paths and settings hold', () => {
  const plan = makePlan({ name: 'e', base: "my 'own' configs/a*.json", seeds: [1], cells: { a: { 'prune.keep': [0.5, 0.2] } } }, '/e.json');
  const [run] = planRuns(plan, '/out $HOME', []);
  const finished = { run, report: { fingerprint: 'f', tasks: {}, overlap: null }, counts: null } as unknown as FinishedRun;
  const { runs } = summarise(plan, [finished], (text) => text);
  const seen = execFileSync('sh', ['-c', runs[0]!.command.replace(/^sparsetag/, "printf '%s\\n'")], { encoding: 'utf8' });
  expect(seen.trimEnd().split('\n')).toEqual(commandOf(plan, run!));
  expect(seen).toContain("--config\n/my 'own' configs/a*.json\n");
});
