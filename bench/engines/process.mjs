import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An engine in a process of its own that works when it is told to (see runner.mjs) and sleeps in between. */
export class EngineProcess {
  #child;
  #lines;
  #said = '';

  constructor(command, args, environment = {}) {
    this.#child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.on('error', (error) => {
      this.#said += error.message;
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#said = (this.#said + text).slice(-4000);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Name and version of the engine, once it can work. */
  async ready() {
    return (await this.#answer()).ready;
  }

  /** Works for about so many seconds: `{ tokens, seconds }`. */
  async measure(seconds) {
    this.#child.stdin.write(`${seconds}\n`);
    return this.#answer();
  }

  close() {
    this.#child.kill();
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value);
    const reason = /^\w*Error: .*$/m.exec(this.#said)?.[0] ?? this.#said.trim().split('\n').at(-1);
    throw new Error(reason || 'the process ended');
  }
}
