import type { Arguments } from './arguments.js';
import type { ExitCode } from './exit-codes.js';
import type { Host } from './host.js';

/** An option of a command; `value` names what it takes (`FILE`), without it the option is a switch. */
export interface Option {
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: `MODEL [FILE|-] [options]`. */
  readonly usage: string;
  /** A few lines for the command's own help. */
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Takes settings of the config as `--section.key=value`. */
  readonly takesSettings: boolean;
  /** Its help lists the settings. */
  readonly listsSettings?: boolean;
  /** How many arguments it takes, at least and at most. */
  readonly positionals: readonly [minimum: number, maximum: number];
  readonly examples: readonly (readonly [line: string, what: string])[];
  run(args: Arguments, host: Host): Promise<ExitCode>;
}

export const HELP: Option = { short: 'h', help: 'show this help' };
export const JSON_OPTION: Option = { help: 'write JSON to standard output' };
export const QUIET: Option = { short: 'q', help: 'write nothing but errors to standard error' };
export const DATA: Option = { value: 'DIR', help: 'folder of data sets; default SPARSETAG_DATA, or a folder in your cache' };
