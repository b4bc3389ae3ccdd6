import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ResourceError } from 'sparsetag';

/** How a call of npm ended. */
export interface NpmOutcome {
  readonly ok: boolean;
  /** npm's own code of the failure, `E404` and the like; null when it gave none. */
  readonly code: string | null;
  /** What npm said about it, in a line or two. */
  readonly summary: string;
  /** Whether npm could not reach its registry. */
  readonly isOffline: boolean;
}

interface NpmOptions {
  /** Where `npm pack` puts its tarball. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

interface Launch {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly shell: boolean;
}

/** Codes with which npm reports that it could not reach its registry. */
const OFFLINE_CODES: readonly string[] = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH'],
  ...['ERR_SOCKET_TIMEOUT', 'FETCH_ERROR', 'ENOTCACHED'],
];

/** Only the end of what npm prints is kept. */
const MAX_OUTPUT = 1 << 20;
const NPM_SCRIPT = /(?:^|[\\/])npm(?:-cli)?\.[cm]?js$/;
const COMMAND_NOT_FOUND = 127;

/**
 * Runs npm to its end.
 *
 * @throws {ResourceError} DATA_NPM_MISSING when there is none; the signal's reason when it is aborted
 */
export async function runNpm(command: readonly string[], { folder, environment, signal }: NpmOptions): Promise<NpmOutcome> {
  signal?.throwIfAborted();
  const npm = locateNpm(environment);
  // The folder goes through the environment: on Windows arguments pass a shell, and paths hold spaces.
  const env = { ...environment, npm_config_pack_destination: folder };
  const child = spawn(npm.program, [...npm.arguments, ...command], { env, shell: npm.shell, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-MAX_OUTPUT);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-MAX_OUTPUT);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    throw npmMissing(error);
  });
  signal?.throwIfAborted();
  if (status === COMMAND_NOT_FOUND || (npm.shell && /is not recognized/.test(complaints))) throw npmMissing();
  return outcomeOf(status, output, complaints);
}

/** The error for a failure of npm that is not its absence. */
export function npmFailure(spec: string, { code, summary, isOffline }: NpmOutcome): ResourceError {
  const said = [code, summary].filter(Boolean).join(': ') || 'it gave no reason';
  return isOffline
    ? new ResourceError('DATA_OFFLINE', `npm could not reach its registry to fetch ${spec} (${said}).`)
    : new ResourceError('DATA_FETCH', `npm could not fetch ${spec} (${said}).`);
}

/** The npm that runs this process, if one does (its script needs no shell); else the one on the path. */
function locateNpm(environment: NodeJS.ProcessEnv): Launch {
  const script = environment.npm_execpath;
  if (script && NPM_SCRIPT.test(script) && existsSync(script)) return { program: process.execPath, arguments: [script], shell: false };
  return { program: 'npm', arguments: [], shell: process.platform === 'win32' };
}

function npmMissing(cause?: Error): ResourceError {
  return new ResourceError('DATA_NPM_MISSING', 'The data come through npm, and no npm was found on the path.', { cause });
}

/** With `--json` npm describes a failure on its output; older versions and crashes leave only complaints. */
function outcomeOf(status: number | null, output: string, complaints: string): NpmOutcome {
  if (status === 0) return { ok: true, code: null, summary: '', isOffline: false };
  const reported = reportedError(output);
  const code = reported.code ?? /npm (?:ERR!|error) code (\S+)/.exec(complaints)?.[1] ?? null;
  const firstComplaint = complaints
    .split('\n')
    .map((line) => line.replace(/^npm (?:ERR!|error) ?/, '').trim())
    .find((line) => line !== '' && !/^(?:npm warn|code )/i.test(line));
  const summary = (reported.summary ?? firstComplaint ?? '').trim().replace(/^FetchError: |\.$/g, '');
  const isOffline = code !== null && OFFLINE_CODES.includes(code);
  return { ok: false, code, summary, isOffline };
}

function reportedError(output: string): { code?: string; summary?: string } {
  try {
    const { error } = JSON.parse(output.slice(output.indexOf('{'))) as { error?: { code?: unknown; summary?: unknown } };
    const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
    return { code: text(error?.code), summary: text(error?.summary)?.split('\n', 1)[0] };
  } catch {
    return {};
  }
}
