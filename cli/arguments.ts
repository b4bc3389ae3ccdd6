import { parseArgs } from 'node:util';
import { nearestName, type Override, SETTINGS } from 'sparsetag';
import { type Command, HELP, type Option, QUIET } from './command.js';
import { UsageError } from './usage-error.js';

/** The arguments of a command, checked against what it takes. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Whether a switch is given. */
  has(name: string): boolean;
  /** The value of an option, the last one if it is given twice. */
  value(name: string): string | undefined;
  /** All values of an option, in order. */
  values(name: string): readonly string[];
  /** Settings given as `--section.key=value`, in order. */
  readonly settings: readonly Override[];
}

const SECTIONS = new Set(SETTINGS.map((setting) => setting.path.split(/[.[]/)[0]!));

/** @throws {UsageError} for an option or a number of arguments that the command does not take */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const known: Record<string, Option> = { ...command.options, quiet: QUIET, help: HELP };
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value, short }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) } as const,
      ]),
    ),
  });
  const positionals: string[] = [];
  const options = new Map<string, string[]>();
  const settings: Override[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option) {
      const value = optionValue(token.rawName, option, token.value, token.inlineValue === true);
      options.set(token.name, [...(options.get(token.name) ?? []), value]);
    } else if (command.takesSettings && isSetting(token.name)) {
      settings.push([token.name, settingValue(token)]);
    } else {
      throw unknownOption(command, token.rawName, Object.keys(known));
    }
  }
  if (!options.has('help')) checkCount(command, positionals);
  return {
    positionals,
    settings,
    has: (name) => options.has(name),
    value: (name) => options.get(name)?.at(-1),
    values: (name) => options.get(name) ?? [],
  };
}

function isSetting(name: string): boolean {
  return name.includes('.') || SECTIONS.has(name);
}

function settingValue(token: {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}): string {
  if (token.value !== undefined) return token.value;
  throw new UsageError(`${token.rawName} has no value`, `write ${token.rawName}=VALUE`);
}

function optionValue(rawName: string, option: Option, value: string | undefined, isInline: boolean): string {
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} is a switch and takes no value; found ${JSON.stringify(value)}`);
    return '';
  }
  // An empty value is what a variable of a shell leaves that is not set.
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value`, `write ${rawName} ${option.value}`);
  if (!isInline && value.startsWith('-') && value !== '-') {
    throw new UsageError(`${rawName} needs a value, but ${value} follows`, `if that is the value, write ${rawName}=${value}`);
  }
  return value;
}

function unknownOption(command: Command, rawName: string, names: readonly string[]): UsageError {
  const name = rawName.replace(/^-+/, '');
  const near = nearestName(name, names) ?? (command.takesSettings ? settingNamed(name) : null);
  const help = `sparsetag ${command.name} --help lists the options`;
  return new UsageError(`sparsetag ${command.name} has no option ${rawName}`, near ? `did you mean --${near}? ${help}` : help);
}

/** How to write the setting whose section was left out: `model.hidden=VALUE` for `hidden`; the first, where sections share the name. */
function settingNamed(name: string): string | null {
  const setting = SETTINGS.find(({ path }) => !path.includes('[]') && path.split('.').at(-1) === name);
  return setting ? `${setting.path}=VALUE` : null;
}

function checkCount(command: Command, positionals: readonly string[]): void {
  const [minimum, maximum] = command.positionals;
  const usage = `usage: sparsetag ${command.name} ${command.usage}`;
  if (positionals.length < minimum)
    throw new UsageError(`sparsetag ${command.name} needs ${command.usage.split(' ')[positionals.length]}`, usage);
  if (positionals.length > maximum)
    throw new UsageError(`sparsetag ${command.name} does not take ${JSON.stringify(positionals[maximum])}`, usage);
}
