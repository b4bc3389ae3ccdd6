import { makeCorpus, train } from 'sparsetag';
import { configOf, DEFAULT_CHOICES } from '../web/train/choices.js';
import { SAMPLE_COLUMNS, sampleFiles } from '../web/train/sample.js';
import { CHECKPOINT_STEPS } from '../web/train/training.js';

/** Steps a second of the page's sample in Node, from step 51 to the end, stored as often as the page does. */
export async function sampleStepsPerSecond(epochs: number, threads: number, fingerprint: string): Promise<number> {
  const config = configOf({ ...DEFAULT_CHOICES, epochs }, SAMPLE_COLUMNS, true, 'train');
  const columns = config.tasks.map(({ column }) => column);
  const corpus = makeCorpus(config.corpora[0]!, columns, await sampleFiles());
  const options = { runtime: { threads }, masks: true, checkpointAfter: (step: number) => step % CHECKPOINT_STEPS === 0 };
  let begin = 0;
  let steps = 0;
  for await (const event of train(config, [corpus], options)) {
    if (event.type === 'checkpoint') event.bytes();
    if (event.type === 'step' && event.step === 51) begin = performance.now();
    if (event.type === 'step') steps = event.step;
    if (event.type === 'done' && event.report.fingerprint !== fingerprint) throw new Error('page and Node differ');
  }
  return (1000 * (steps - 51)) / (performance.now() - begin);
}
