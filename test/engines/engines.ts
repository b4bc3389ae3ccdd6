import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../architecture/source-files.js';
import { chromiumCommand, firefoxCommand, openBrowser, webkitCommand } from './browsers.js';
import { ALL_CELLS, type Cell, FEW_CELLS, type Outcome } from './cells.js';
import { openScript } from './scripts.js';

/** An engine that is ready to run cells. */
export interface Session {
  run(cell: Cell): Promise<Outcome>;
  close(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** Which compilers, or that it is emulated; '' where there is nothing to say. */
  readonly note: string;
  /** Its version, or null where it is not installed. */
  version(): string | null;
  /** How to get it. */
  readonly install: string;
  readonly hasThreads: boolean;
  /** Every change is tested on it. */
  readonly isInGate: boolean;
  /** What is asked of it where there is time for everything. */
  readonly cells: readonly Cell[];
  /** How often a cell may be tried: emulators crash at times. */
  readonly tries: number;
  open(): Promise<Session>;
}

const HERE = path.join(ROOT, 'test/engines');
const NPM = 'npm ci --prefix test/engines';
export const NODE_NEWEST = path.join(HERE, 'node_modules/node-newest/bin/node');
const NODE_ARM64 = path.join(HERE, 'arm64/node_modules/node-arm64/bin/node');
const DENO = path.join(HERE, 'node_modules/@deno/linux-x64-glibc/deno');
const BUN = path.join(HERE, 'node_modules/@oven/bun-linux-x64/bin/bun');
const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const EMULATOR = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'];

/** The first number of what `--version` prints. */
function versionOf(command: readonly string[]): string | null {
  const [file, ...values] = command;
  try {
    const printed = execFileSync(file!, [...values, '--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /\d+(\.\d+)+\w*/.exec(printed)?.[0] ?? null;
  } catch {
    return null;
  }
}

const usual = { note: '', hasThreads: true, isInGate: true, cells: ALL_CELLS, tries: 1 };

function script(name: string, command: readonly string[], rest: Partial<Engine> = {}, flags: readonly string[] = []): Engine {
  return {
    ...usual,
    name,
    install: NPM,
    version: () => versionOf(command),
    open: async () => openScript([...command, ...flags]),
    ...rest,
  };
}

/** Engines in the order of the matrix. */
export const ENGINES: readonly Engine[] = [
  script('Node', [process.execPath]),
  script('Node', [process.execPath], { note: 'baseline compiler alone' }, ['--liftoff-only']),
  script('Node', [process.execPath], { note: 'optimising compiler alone' }, ['--no-liftoff']),
  script('Node', [NODE_NEWEST]),
  script('Deno', [DENO], { isInGate: false }, ['run', '--allow-all', '--no-config']),
  script('Bun', [BUN], { isInGate: false }),
  {
    ...usual,
    name: 'Chromium',
    install: 'apt-get install chromium',
    version: () => versionOf(['chromium']),
    open: () => openBrowser(chromiumCommand),
  },
  {
    ...usual,
    name: 'Firefox',
    install: 'apt-get install firefox-esr',
    version: () => versionOf(['firefox-esr']),
    open: () => openBrowser(firefoxCommand),
  },
  {
    ...usual,
    name: 'WebKitGTK',
    install: 'apt-get install webkit2gtk-driver xvfb xauth',
    version: () => versionOf(['xvfb-run', '--auto-servernum', MINI_BROWSER]),
    hasThreads: false,
    open: () => openBrowser(webkitCommand(MINI_BROWSER)),
  },
  script('Node', [...EMULATOR, NODE_ARM64], {
    note: 'arm64, emulated',
    install: 'npm ci --prefix test/engines/arm64 and apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross',
    isInGate: false,
    cells: FEW_CELLS,
    tries: 3,
  }),
];
