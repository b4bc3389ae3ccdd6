import type { Command } from './command.js';
import { completion } from './commands/completion.js';
import { data } from './commands/data.js';
import { debugData } from './commands/debug-data.js';
import { evaluate } from './commands/evaluate.js';
import { experiment } from './commands/experiment.js';
import { exportModel } from './commands/export.js';
import { inspect } from './commands/inspect.js';
import { score } from './commands/score.js';
import { serve } from './commands/serve.js';
import { tag } from './commands/tag.js';
import { train } from './commands/train.js';
import { verify } from './commands/verify.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  data,
  train,
  tag,
  evaluate,
  score,
  inspect,
  verify,
  exportModel,
  debugData,
  experiment,
  serve,
  completion,
];
