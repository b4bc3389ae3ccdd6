import { describeKind } from './check-value.js';
import type { Kind, Setting } from './settings.js';
import { SETTINGS_TREE, type SettingGroup, type SettingNode } from './settings-tree.js';

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (2020-12) of a config file, from the table of settings: an editor that reads it completes names and marks values out of
 * range. What depends on several settings only `resolveConfig` checks.
 */
export function configSchema(): JsonSchema {
  const schema = groupSchema(SETTINGS_TREE);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'SparseTag config',
    ...schema,
    properties: {
      $schema: { type: 'string', description: 'address of a schema, for editors; not a setting' },
      ...(schema.properties as object),
    },
  };
}

function groupSchema(group: SettingGroup): JsonSchema {
  const nodes = [...group.children];
  const needed = nodes.flatMap(([name, node]) => (isNeeded(node) ? [name] : []));
  return {
    type: 'object',
    properties: Object.fromEntries(nodes.map(([name, node]) => [name, nodeSchema(node)])),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
}

function isNeeded(node: SettingNode): boolean {
  return node.type === 'list' || (node.type === 'setting' && node.setting.default === undefined);
}

function nodeSchema(node: SettingNode): JsonSchema {
  if (node.type === 'group') return groupSchema(node);
  if (node.type === 'list') return { type: 'array', minItems: 1, items: groupSchema(node.item) };
  return settingSchema(node.setting);
}

function settingSchema({ kind, help, default: value, defaultText }: Setting): JsonSchema {
  const fallback = typeof value === 'function' ? null : value;
  return {
    ...kindSchema(kind),
    description: `${help}; ${describeKind(kind)}${defaultText === undefined ? '' : `; default: ${defaultText}`}`,
    ...(fallback !== undefined && typeof value !== 'function' && { default: fallback }),
  };
}

function kindSchema(kind: Kind): JsonSchema {
  switch (kind.type) {
    case 'integer':
      return { type: 'integer', minimum: kind.minimum, maximum: kind.maximum };
    case 'number':
      return {
        type: 'number',
        ...(kind.minimum !== undefined && { minimum: kind.minimum }),
        ...(kind.above !== undefined && { exclusiveMinimum: kind.above }),
        ...(kind.maximum !== undefined && { maximum: kind.maximum }),
        ...(kind.below !== undefined && { exclusiveMaximum: kind.below }),
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { enum: kind.values };
    case 'choice-or-integer':
      return { anyOf: [{ enum: kind.values }, { type: 'integer', minimum: kind.minimum, maximum: kind.maximum }] };
    case 'column':
      return {
        anyOf: [
          { type: 'integer', minimum: 0, maximum: 255 },
          { type: 'string', pattern: '^(@position|[^\\s@]\\S{0,63})$' },
        ],
      };
    case 'name':
      return { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' };
    case 'file':
      return { type: kind.nullable ? ['string', 'null'] : 'string', minLength: 1 };
    case 'schedule':
      return { type: 'array', items: { type: 'number', exclusiveMinimum: 0 } };
  }
}
