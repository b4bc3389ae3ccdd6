import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../architecture/source-files.js';
import type { Cell, Outcome } from './cells.js';
import type { Session } from './engines.js';

const MOST_MILLISECONDS = 600_000;

/** Starts a process that runs one cell after the other; a cell in which it dies is an error, and the next one has a process of its own. */
export function openScript(command: readonly string[]): Session {
  const [file, ...flags] = command;
  const start = () => {
    const child = spawn(file!, [...flags, path.join(ROOT, 'test/engines/script.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    // Whoever waits for an outcome is told of its death by the end of its output.
    child.stdin.on('error', () => {});
    return child;
  };
  let child = start();
  return {
    async run(cell: Cell): Promise<Outcome> {
      if (child.exitCode !== null || child.signalCode !== null) child = start();
      const timer = setTimeout(() => child.kill(), MOST_MILLISECONDS);
      const lines = createInterface({ input: child.stdout });
      try {
        child.stdin.write(`${JSON.stringify(cell)}\n`);
        for await (const line of lines) return JSON.parse(line) as Outcome;
        return { error: 'the process ended without an outcome' };
      } finally {
        lines.close();
        clearTimeout(timer);
      }
    },
    async close() {
      child.stdin.end();
      child.kill();
    },
  };
}
