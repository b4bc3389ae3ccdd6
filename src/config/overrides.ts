import { ConfigError } from '../errors.js';
import { nearestName } from './nearest-name.js';
import type { Setting } from './settings.js';
import { SETTINGS_TREE, type SettingNode } from './settings-tree.js';
import { unknownSetting } from './validate.js';

/** A dotted path and the text of its value: `['tasks.ner.head', 'crf']`. */
export type Override = readonly [path: string, value: string];

type Fields = Record<string, unknown>;

/**
 * A copy of `input` with the settings of `overrides` replaced, later ones last. An item of a list is addressed by its
 * name or its position from 0 (`tasks.ner.head`, `tasks.0.head`). Values are JSON where the setting is no text, and
 * JSON for whole groups and lists (`tasks=[...]`); what is no JSON is taken as text. `resolveConfig` checks the result.
 *
 * @throws {ConfigError} CONFIG_UNKNOWN_SETTING for a path that leads nowhere, CONFIG_UNKNOWN_ITEM for an item that is not there
 */
export function applyOverrides(input: unknown, overrides: readonly Override[]): unknown {
  const copy = structuredClone(input) as Fields;
  for (const [path, text] of overrides) applyOverride(copy, path, text);
  return copy;
}

function applyOverride(config: Fields, path: string, text: string): void {
  const parts = path.split('.');
  let node: SettingNode = SETTINGS_TREE;
  let holder: Fields | unknown[] = config;
  for (const [depth, part] of parts.entries()) {
    const walked = parts.slice(0, depth).join('.');
    const key: string | number = node.type === 'list' ? itemPosition(holder, part, walked) : part;
    node = childOf(node, part, walked);
    if (depth === parts.length - 1) (holder as Fields)[key] = parseValue(node, text);
    else holder = descend(holder as Fields, key, node);
  }
}

function childOf(node: SettingNode, part: string, walked: string): SettingNode {
  if (node.type === 'list') return node.item;
  const child = node.type === 'group' ? node.children.get(part) : undefined;
  if (child) return child;
  if (node.type === 'group') throw unknownSetting(node, part, walked);
  throw new ConfigError('CONFIG_UNKNOWN_SETTING', `${walked}.${part} is no setting; ${walked} is one value`);
}

/** Steps into `holder[key]`; a group that is not there yet is made. What is there but of the wrong type is left for `resolveConfig`. */
function descend(holder: Fields, key: string | number, node: SettingNode): Fields | unknown[] {
  const inside = Object.hasOwn(holder, key) ? holder[key] : undefined;
  if (typeof inside === 'object' && inside !== null) return inside as Fields;
  const made = node.type === 'list' ? [] : {};
  holder[key] = made;
  return made;
}

function itemPosition(items: Fields | unknown[], part: string, path: string): number {
  const list = Array.isArray(items) ? items : [];
  const names = list.map(nameOf);
  const position = /^\d+$/.test(part) ? Number(part) : names.indexOf(part);
  if (position >= 0 && position < list.length) return position;
  const near = nearestName(part, names);
  const advice = near ? `did you mean ${path}.${near}?` : list.length > 0 ? `there is ${names.join(', ')}` : `${path} is empty`;
  throw new ConfigError('CONFIG_UNKNOWN_ITEM', `${path} has no item ${part}; ${advice}`);
}

function nameOf(item: unknown): string {
  const name = (item as Fields | null)?.name;
  return typeof name === 'string' ? name : '';
}

function parseValue(node: SettingNode, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return node.type === 'setting' && takesText(node.setting, value) ? text : value;
}

/** Whether `value` would be read as JSON by mistake: a file named 42, a corpus named true. */
function takesText({ kind }: Setting, value: unknown): boolean {
  if (typeof value === 'string') return false;
  return kind.type === 'choice' || kind.type === 'name' || (kind.type === 'file' && !(kind.nullable && value === null));
}
