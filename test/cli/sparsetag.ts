import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** In a process group of its own, which signals can be sent to. */
  readonly detached?: boolean;
  /** Is given the process once it runs, to send it signals. */
  readonly whileRunning?: (child: ChildProcess) => void;
}

/** Runs the built command line as a user does. */
export function sparsetag(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: options.cwd,
    detached: options.detached,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  options.whileRunning?.(child);
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...output })));
}

/** A refusal in one line, with no trace of the stack. */
export const ERROR_LINE = /^error: [^\n]+\n(hint: [^\n]+\n)?$/;
