import path from 'node:path';
import { applyOverrides, type Config, ConfigError, JsonError, type Override, parseJson, resolveConfig } from 'sparsetag';
import { dataDirectory } from './data/cache.js';
import { readConfigBytes } from './files.js';

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
  const content = parseConfig(await readText(file), file);
  // A config may name its schema, for editors.
  const { $schema: _, ...settings } = isObject(content) ? content : {};
  const input = locateFiles(isObject(content) ? settings : content, path.dirname(path.resolve(file)), data);
  const config = resolveConfig(applyOverrides(input, overrides));
  return locateFiles(config, process.cwd(), data) as Config;
}

export async function readText(file: string): Promise<string> {
  const bytes = await readConfigBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError('CONFIG_FILE_ENCODING', `the config file ${file} is not UTF-8; save it as UTF-8`, { cause });
  }
}

/** @throws {ConfigError} CONFIG_FILE_SYNTAX with line and column */
export function parseConfig(text: string, file: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return parseJson(json);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    const lines = json.slice(0, cause.offset).split('\n');
    throw new ConfigError('CONFIG_FILE_SYNTAX', `${file}:${lines.length}:${lines.at(-1)!.length + 1}: ${cause.message}`, { cause });
  }
}

/** `config` with the names of its files made absolute. What is not of the right type is left for validation. */
function locateFiles(config: unknown, folder: string, data: string | undefined): unknown {
  if (!isObject(config)) return config;
  const locate = (name: unknown): unknown => (typeof name === 'string' && name !== '' ? locateFile(name, folder, data) : name);
  const located: Record<string, unknown> = { ...config };
  if (Array.isArray(config.corpora)) located.corpora = config.corpora.map((corpus) => mapFields(corpus, ['train', 'dev', 'test'], locate));
  for (const group of ['vectors', 'subnets']) if (isObject(config[group])) located[group] = mapFields(config[group], ['file'], locate);
  return located;
}

/** The absolute path of a file that a person names: relative to `folder`, or in the folder of data sets with `data:`. */
export function locateFile(name: string, folder: string, data: string | undefined): string {
  return name.startsWith(DATA_PREFIX) ? path.join(dataDirectory(data), name.slice(DATA_PREFIX.length)) : path.resolve(folder, name);
}

function mapFields(group: unknown, names: readonly string[], map: (value: unknown) => unknown): unknown {
  if (!isObject(group)) return group;
  return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, names.includes(name) ? map(value) : value]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
