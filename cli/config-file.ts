import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { applyOverrides, type Config, ConfigError, type Override, resolveConfig } from 'sparsetag';
import { dataDirectory } from './data/cache.js';

/** Begins the name of a file in the folder of data sets: `data:gum/train.txt`. */
const DATA_PREFIX = 'data:';

/**
 * The config in a JSON file, with overrides applied and every default filled in. Files that the config names are
 * relative to its folder, those of overrides to the working folder, `data:` names to the folder of data sets; the result
 * has them absolute.
 *
 * @param data the folder of data sets, if it is not the usual one
 * @throws {ConfigError} CONFIG_FILE_UNREADABLE, CONFIG_FILE_SYNTAX; those of applyOverrides and resolveConfig
 */
export async function readConfig(file: string, overrides: readonly Override[], data?: string): Promise<Config> {
  const input = locateFiles(parseConfig(await readText(file), file), path.dirname(path.resolve(file)), data);
  const config = resolveConfig(applyOverrides(input, overrides));
  return locateFiles(config, process.cwd(), data) as Config;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `the config file ${file} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String((cause as Error).message);
}

/** @throws {ConfigError} CONFIG_FILE_SYNTAX with line and column */
export function parseConfig(text: string, file: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch (cause) {
    const offset = faultOffset(json, (cause as Error).message);
    const before = json.slice(0, offset).split('\n');
    const found = offset >= json.length ? 'the end of the file' : JSON.stringify(json[offset]);
    throw new ConfigError(
      'CONFIG_FILE_SYNTAX',
      `${file}:${before.length}:${before.at(-1)!.length + 1}: this is no JSON: unexpected ${found}; JSON has no comments and no comma after the last item`,
      { cause },
    );
  }
}

/** Where the engine found the fault; engines tell it in different words, or not at all for a text that ends too early. */
function faultOffset(json: string, message: string): number {
  const position = /position (\d+)/.exec(message);
  return position ? Number(position[1]) : json.length;
}

/** `config` with the names of its files made absolute. What is not of the right type is left for validation. */
function locateFiles(config: unknown, folder: string, data: string | undefined): unknown {
  if (!isObject(config)) return config;
  const locate = (name: unknown): unknown => {
    if (typeof name !== 'string' || name === '') return name;
    return name.startsWith(DATA_PREFIX) ? path.join(dataDirectory(data), name.slice(DATA_PREFIX.length)) : path.resolve(folder, name);
  };
  const located: Record<string, unknown> = { ...config };
  if (Array.isArray(config.corpora)) located.corpora = config.corpora.map((corpus) => mapFields(corpus, ['train', 'dev', 'test'], locate));
  if (isObject(config.vectors)) located.vectors = mapFields(config.vectors, ['file'], locate);
  return located;
}

function mapFields(group: unknown, names: readonly string[], map: (value: unknown) => unknown): unknown {
  if (!isObject(group)) return group;
  return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, names.includes(name) ? map(value) : value]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
