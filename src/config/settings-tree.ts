import { SETTINGS, type Setting } from './settings.js';

/** The table of settings as a tree: groups of named nodes, lists of groups, and settings as leaves. */
export type SettingNode = SettingGroup | SettingList | SettingLeaf;

export interface SettingGroup {
  readonly type: 'group';
  readonly children: Map<string, SettingNode>;
}

export interface SettingList {
  readonly type: 'list';
  readonly item: SettingGroup;
}

export interface SettingLeaf {
  readonly type: 'setting';
  readonly setting: Setting;
}

function group(): SettingGroup {
  return { type: 'group', children: new Map() };
}

function childGroup(parent: SettingGroup, part: string): SettingGroup {
  const isList = part.endsWith('[]');
  const name = isList ? part.slice(0, -2) : part;
  const child = parent.children.get(name) ?? (isList ? { type: 'list' as const, item: group() } : group());
  parent.children.set(name, child);
  if (child.type === 'setting') throw new Error(`${child.setting.path} is a setting and a group`);
  return child.type === 'list' ? child.item : child;
}

function buildTree(settings: readonly Setting[]): SettingGroup {
  const root = group();
  for (const setting of settings) {
    const parts = setting.path.split('.');
    const name = parts.pop()!;
    parts.reduce(childGroup, root).children.set(name, { type: 'setting', setting });
  }
  return root;
}

/** Children stand in the order of the table. */
export const SETTINGS_TREE: SettingGroup = buildTree(SETTINGS);
