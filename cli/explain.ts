import { SparseTagError } from 'sparsetag';
import { locateExamples } from './examples.js';
import { isSystemError } from './exit-codes.js';
import { UsageError } from './usage-error.js';

export interface Explanation {
  readonly message: string;
  readonly hint: string | null;
}

/** What to do about errors whose message cannot know the command line. */
const HINTS: readonly (readonly [codePrefix: string, hint: string])[] = [
  ['CONFIG_FILE', 'a config is a JSON file, without comments or a comma after the last item; there are some in examples/'],
  ['CONFIG_', 'sparsetag train --help lists every setting, its default and its range'],
  [
    'CORPUS_FILE_UNREADABLE',
    'a path on the command line counts from the working folder, one in a config from the folder of the config; sparsetag data get fetches open corpora',
  ],
];

/** What went wrong in one line, and what to do. With `trace`, the stack comes along. */
export function explain(error: unknown, trace: boolean): Explanation {
  if (error instanceof SparseTagError) {
    const hint = HINTS.find(([prefix]) => error.code.startsWith(prefix))?.[1];
    return {
      message: withTrace(error, `${oneLine(error.message)} [${error.code}]`, trace),
      hint: hint === undefined ? null : locateExamples(hint),
    };
  }
  if (error instanceof UsageError) return { message: withTrace(error, oneLine(error.message), trace), hint: error.hint ?? null };
  if (isSystemError(error)) return { message: withTrace(error, oneLine(describeSystemError(error)), trace), hint: null };
  const message = error instanceof Error ? `${error.name}: ${oneLine(error.message)}` : String(error);
  return {
    message: withTrace(error, `this is a fault in sparsetag itself: ${message}`, trace),
    hint: 'please report it, with the trace that SPARSETAG_DEBUG=1 shows',
  };
}

function describeSystemError({ code, path, message }: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission is denied',
    EPERM: 'permission is denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  };
  const reason = reasons[code ?? ''];
  return reason !== undefined && path !== undefined ? `${path}: ${reason}` : oneLine(message);
}

/** UTF-16 code units of a message that are shown; names in files may be of any length. */
const LONGEST_MESSAGE = 2000;

/** What files and arguments are named must not move the cursor, nor begin another line. */
function oneLine(text: string): string {
  const shown = text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)}...`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
  return shown.replace(/[ \t]*\n\s*/g, ' ').replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g, escapeControl);
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function withTrace(error: unknown, message: string, trace: boolean): string {
  return trace && error instanceof Error ? `${message}\n${error.stack}` : message;
}
