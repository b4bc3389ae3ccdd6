import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configSchema, type JsonSchema } from '../../src/config/json-schema.js';
import { applyOverrides } from '../../src/config/overrides.js';
import { SETTINGS } from '../../src/config/settings.js';
import { resolveConfig } from '../../src/config/validate.js';

/** Faults of `value`, by the keywords that the schema uses (JSON Schema 2020-12). */
function faults(schema: JsonSchema, value: unknown, path = '$'): string[] {
  const found: string[] = [];
  const types = {
    array: Array.isArray(value),
    object: typeof value === 'object' && value !== null && !Array.isArray(value),
    null: value === null,
  };
  const isType = (type: unknown): boolean => {
    if (type === 'integer') return Number.isInteger(value);
    return type === 'array' || type === 'object' || type === 'null' ? types[type] : typeof value === type;
  };
  for (const [keyword, of] of Object.entries(schema)) {
    const bad = (isBad: boolean): void => void (isBad && found.push(`${path} ${keyword}`));
    if (keyword === 'type') bad(![of].flat().some(isType));
    else if (keyword === 'enum') bad(!(of as unknown[]).includes(value));
    else if (keyword === 'anyOf') bad((of as JsonSchema[]).every((one) => faults(one, value).length > 0));
    else if (keyword === 'minimum') bad(typeof value === 'number' && value < (of as number));
    else if (keyword === 'maximum') bad(typeof value === 'number' && value > (of as number));
    else if (keyword === 'exclusiveMinimum') bad(typeof value === 'number' && value <= (of as number));
    else if (keyword === 'exclusiveMaximum') bad(typeof value === 'number' && value >= (of as number));
    else if (keyword === 'pattern') bad(typeof value === 'string' && !new RegExp(of as string).test(value));
    else if (keyword === 'minLength') bad(typeof value === 'string' && value.length < (of as number));
    else if (keyword === 'minItems') bad(types.array && (value as unknown[]).length < (of as number));
    else if (keyword === 'items' && types.array)
      found.push(...(value as unknown[]).flatMap((item, i) => faults(of as JsonSchema, item, `${path}[${i}]`)));
    else if (keyword === 'required' && types.object) for (const name of of as string[]) bad(!Object.hasOwn(value as object, name));
    else if (keyword === 'properties' && types.object) {
      for (const [name, item] of Object.entries(value as object)) {
        const property = (of as Record<string, JsonSchema>)[name];
        if (property) found.push(...faults(property, item, `${path}.${name}`));
        else bad(schema.additionalProperties === false);
      }
    } else if (!['items', 'required', 'properties', 'additionalProperties', '$schema', 'title', 'description', 'default'].includes(keyword))
      throw new Error(`the schema uses ${keyword}, which this test does not know`);
  }
  return found;
}

const SMALLEST = { corpora: [{ name: 'c', train: 'a', dev: 'b' }], tasks: [{ name: 't', column: 1 }] };
const refuses = (config: unknown): boolean => {
  try {
    resolveConfig(config);
    return false;
  } catch {
    return true;
  }
};

describe('the JSON Schema of a config', () => {
  const examples = fileURLToPath(new URL('../../examples', import.meta.url));

  test('accepts the examples and whatever a config resolves to', () => {
    const files = ['', '/experiments'].flatMap((folder) =>
      readdirSync(examples + folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => `${examples}${folder}/${name}`),
    );
    const configs = files.map((file) => JSON.parse(readFileSync(file, 'utf8'))).filter((config) => config.corpora);
    expect(configs.length).toBeGreaterThan(3);
    for (const config of [...configs, SMALLEST]) {
      expect(faults(configSchema(), config)).toEqual([]);
      expect(faults(configSchema(), resolveConfig(config))).toEqual([]);
    }
  });

  test('refuses a value of a setting where validation does, for every setting', () => {
    const values = [-1, 0, 1, 1.5, 16, 255, 256, 1e10, true, 'auto', 'top', '@position', '@other', 'a b', '', null, [], {}, [0.5], ['x']];
    let refused = 0;
    for (const { path } of SETTINGS) {
      for (const value of values) {
        const config = applyOverrides(SMALLEST, [[path.replace('[]', '.0'), JSON.stringify(value)]]) as { tasks: unknown };
        const isRefused = refuses(config);
        if (faults(configSchema(), config).length > 0) {
          expect(isRefused, `${path} = ${JSON.stringify(value)}`).toBe(true);
          refused++;
        } else if (isRefused) {
          // What is left is between settings.
          expect(() => resolveConfig(config), `${path} = ${JSON.stringify(value)}`).toThrow(
            expect.objectContaining({ code: expect.stringMatching(/CONFLICT|UNKNOWN_CORPUS|DUPLICATE/) }),
          );
        }
      }
    }
    expect(refused).toBeGreaterThan(SETTINGS.length * 8);
  });

  test('refuses unknown names and missing ones', () => {
    expect(faults(configSchema(), { ...SMALLEST, trian: {} })).toEqual(['$ properties']);
    expect(faults(configSchema(), { ...SMALLEST, tasks: [{ name: 't' }] })).toEqual(['$.tasks[0] required']);
    expect(faults(configSchema(), { tasks: SMALLEST.tasks })).toEqual(['$ required']);
  });
});
