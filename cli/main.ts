import { nearestName, VERSION } from 'sparsetag';
import { parseArguments } from './arguments.js';
import { COMMANDS } from './commands.js';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';
import { explain } from './explain.js';
import { reasonOf } from './files.js';
import { commandHelp, generalHelp } from './help.js';
import type { Host } from './host.js';
import { openTerminal, styled } from './render/terminal.js';
import { UsageError } from './usage-error.js';
import { versionReport } from './version-report.js';

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** A person who closes the pipe (`sparsetag tag ... | head`) has what they wanted. */
let onReaderLeft = (): void => process.exit(EXIT.ok);

function watchOutputs(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return onReaderLeft();
      if (stream === process.stdout) sayError(`standard output cannot be written: ${reasonOf(error)}`, null);
      process.exit(EXIT.resources);
    });
  }
}

/** Resolves when more may be written; at once where nobody reads any more. */
function write(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(data, () => resolve())) resolve();
  });
}

/**
 * A signal asks the command to end; the same one again ends the process. One of each is no hurry: Ctrl-C at a terminal
 * reaches the trainings of an experiment too, and then the experiment sends them the other.
 */
function abortOnSignals(controller: AbortController, onSignal: (status: ExitCode) => void): void {
  for (const [name, status] of Object.entries(SIGNALS)) {
    process.once(name, () => {
      process.on(name, () => process.exit(status));
      if (controller.signal.aborted) return;
      onSignal(status);
      controller.abort();
    });
  }
}

async function run(argv: readonly string[]): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    await write(rest.includes('--json') ? await versionReport() : `${VERSION}\n`);
    return EXIT.ok;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h')
    return showHelp(name === undefined ? null : (rest[0] ?? null), name);
  const command = findCommand(name);
  const args = parseArguments(command, rest);
  if (args.has('help')) {
    await write(commandHelp(command));
    return EXIT.ok;
  }
  const terminal = args.has('quiet') ? null : openTerminal(process.stderr, process.env);
  let signalled: ExitCode | null = null;
  let isUnread = false;
  const host: Host = {
    stdin: process.stdin,
    stdinIsTerminal: process.stdin.isTTY === true,
    write,
    note: (line) => terminal?.write(`${line}\n`),
    terminal,
    interruptible: () => {
      const controller = new AbortController();
      abortOnSignals(controller, (status) => {
        signalled = status;
      });
      // What can be interrupted may have more to lose than its reader, and saves it first.
      onReaderLeft = () => {
        isUnread = true;
        controller.abort();
      };
      return controller.signal;
    },
  };
  const status = await command.run(args, host).catch((error: unknown) => {
    if ((signalled === null && !isUnread) || !isAbort(error)) throw error;
    return EXIT.resumable;
  });
  return signalled ?? status;
}

async function showHelp(commandName: string | null, asked: string | undefined): Promise<ExitCode> {
  const text = commandName === null ? generalHelp(VERSION) : commandHelp(findCommand(commandName));
  if (asked !== undefined) await write(text);
  else process.stderr.write(text);
  return asked === undefined ? EXIT.usage : EXIT.ok;
}

function findCommand(name: string): (typeof COMMANDS)[number] {
  const command = COMMANDS.find((command) => command.name === name);
  if (command) return command;
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  );
  throw new UsageError(
    `sparsetag has no command ${name}`,
    near ? `did you mean sparsetag ${near}?` : 'sparsetag --help lists the commands',
  );
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function sayError(message: string, hint: string | null): void {
  const terminal = openTerminal(process.stderr, process.env);
  terminal.write(`${styled(terminal, 'red', 'error:')} ${message}\n`);
  if (hint !== null) terminal.write(`${styled(terminal, 'dim', 'hint:')} ${hint}\n`);
}

watchOutputs();
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const { message, hint } = explain(error, process.env.SPARSETAG_DEBUG === '1');
  sayError(message, hint);
  process.exitCode = exitCodeOf(error);
}
