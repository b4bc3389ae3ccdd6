import { ConfigError } from '../errors.js';
import { checkValue } from './check-value.js';
import type { Config } from './config.js';
import { CROSS_CHECKS } from './cross-checks.js';
import { nearestName } from './nearest-name.js';
import { type Lookup, SETTINGS, type Setting } from './settings.js';
import { SETTINGS_TREE, type SettingGroup } from './settings-tree.js';

type Fields = Record<string, unknown>;

/** Corpora or tasks of a config, at most. */
const MOST_ITEMS = 1024;

/**
 * Checks `input` (the content of a config file) and fills in every default, in the order of the table of settings.
 * The input is not changed; the result shares nothing with it.
 *
 * @throws {ConfigError} CONFIG_UNKNOWN_SETTING for a key that is no setting, with the nearest one; CONFIG_MISSING;
 *   CONFIG_TYPE and CONFIG_RANGE for a value; CONFIG_DUPLICATE_NAME, CONFIG_UNKNOWN_CORPUS and CONFIG_CONFLICT for
 *   settings that do not fit each other
 */
export function resolveConfig(input: unknown): Config {
  const resolved: Fields = {};
  resolveGroup(SETTINGS_TREE, input, '', resolved, resolved);
  const config = resolved as unknown as Config;
  for (const check of CROSS_CHECKS) {
    const conflict = check(config);
    if (conflict) throw new ConfigError(conflict.code, conflict.message);
  }
  return config;
}

/**
 * A section of the settings by itself, checked and filled in; what a model file says of the network that it holds.
 *
 * @throws {ConfigError} as resolveConfig, for a single setting
 */
export function resolveSection<K extends 'corpora' | 'vectors' | 'tasks' | 'model'>(section: K, input: unknown): Config[K] {
  const resolved: Fields = {};
  const node = SETTINGS_TREE.children.get(section)!;
  resolveGroup({ type: 'group', children: new Map([[section, node]]) }, { [section]: input }, '', resolved, resolved);
  return resolved[section] as Config[K];
}

/** Fills `target`, which hangs in `root` already, so that defaults can look at what stands above them. */
function resolveGroup(group: SettingGroup, input: unknown, path: string, target: Fields, root: Fields): void {
  const fields = asFields(input, path);
  refuseUnknown(group, fields, path);
  for (const [name, node] of group.children) {
    const at = join(path, name);
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (node.type === 'setting') {
      target[name] = resolveSetting(node.setting, value, at, (wanted) => lookUp(wanted.startsWith('.') ? target : root, wanted));
    } else if (node.type === 'group') {
      const child: Fields = {};
      target[name] = child;
      resolveGroup(node, value === undefined ? {} : value, at, child, root);
    } else {
      const items = asList(value, at);
      const children: Fields[] = items.map(() => ({}));
      target[name] = children;
      for (const [i, item] of items.entries()) resolveGroup(node.item, item, join(at, `${i}`), children[i]!, root);
    }
  }
}

function resolveSetting(setting: Setting, value: unknown, path: string, lookup: Lookup): unknown {
  if (value !== undefined) {
    const fault = checkValue(setting.kind, value);
    if (fault) throw new ConfigError(fault.code, `${path}: expected ${fault.expected}; found ${show(value)}`);
    return Array.isArray(value) ? [...value] : value;
  }
  if (setting.default === undefined) throw new ConfigError('CONFIG_MISSING', `${path} is not set: ${setting.help}`);
  const fallback = typeof setting.default === 'function' ? setting.default(lookup) : setting.default;
  return Array.isArray(fallback) ? [...fallback] : fallback;
}

function lookUp(start: Fields, path: string): unknown {
  const parts = path.split('.').filter((part) => part !== '');
  return parts.reduce<unknown>((value, part) => (value as Fields | undefined)?.[part], start);
}

function asFields(input: unknown, path: string): Fields {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Fields;
  throw new ConfigError('CONFIG_TYPE', `${path || 'config'}: expected an object of settings; found ${show(input)}`);
}

function asList(input: unknown, path: string): readonly unknown[] {
  if (input === undefined) throw new ConfigError('CONFIG_MISSING', `${path} is not set: a config needs at least one of them`);
  if (!Array.isArray(input)) throw new ConfigError('CONFIG_TYPE', `${path}: expected a list; found ${show(input)}`);
  if (input.length === 0) throw new ConfigError('CONFIG_RANGE', `${path}: expected at least one; found an empty list`);
  if (input.length > MOST_ITEMS) throw new ConfigError('CONFIG_RANGE', `${path}: expected at most ${MOST_ITEMS}; found ${input.length}`);
  return input;
}

function refuseUnknown(group: SettingGroup, fields: Fields, path: string): void {
  for (const name of Object.keys(fields)) {
    if (!group.children.has(name)) throw unknownSetting(group, name, path);
  }
}

/** The refusal of `name` in the group at `path`, with what was probably meant. */
export function unknownSetting(group: SettingGroup, name: string, path: string): ConfigError {
  const near = nearestName(name, [...group.children.keys()]);
  const meant = near === null ? elsewhere(name) : [join(path, near)];
  const advice = meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : `there is ${[...group.children.keys()].join(', ')}`;
  return new ConfigError('CONFIG_UNKNOWN_SETTING', `${cut(join(path, name))} is no setting; ${advice}`);
}

/** Settings of that name in other groups. */
function elsewhere(name: string): string[] {
  return SETTINGS.map((setting) => setting.path.replaceAll('[]', '.NAME')).filter((path) => path.endsWith(`.${name}`));
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : cut(typeof value === 'number' ? `${value}` : textOf(value));
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    // A circle, or nested without end: JSON has no text for it.
    return `${typeof value} that JSON cannot hold`;
  }
}

function cut(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
