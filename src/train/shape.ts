import type { JsonValue } from '../io/canonical-json.js';

/** What a value read from a file must be. Numbers are finite, counts whole numbers from 0. */
export type Shape =
  | 'count'
  | 'number'
  | 'text'
  | 'flag'
  | { readonly either: readonly string[] }
  | { readonly orNull: Shape }
  | { readonly listOf: Shape; readonly length?: number }
  | { readonly array: 'F32' | 'U32'; readonly length?: number }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** JSON in which arrays of numbers are typed arrays. */
export type Packed = JsonValue | Float32Array | Uint32Array | readonly Packed[] | { readonly [key: string]: Packed };

const SIMPLE: Readonly<Record<'count' | 'number' | 'text' | 'flag', (value: unknown) => boolean>> = {
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  number: Number.isFinite,
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
};

/** The place of the first value that is not of its shape, like `.current.words`, with what is wrong there; null: there is none. */
export function misfit(value: Packed | undefined, shape: Shape, place = ''): string | null {
  const wrong = (expected: string): string => `${place} is not ${expected}`;
  if (typeof shape === 'string') return SIMPLE[shape](value) ? null : wrong(`a ${shape}`);
  if ('either' in shape) return shape.either.includes(value as string) ? null : wrong(`one of ${shape.either.join(', ')}`);
  if ('orNull' in shape) return value === null ? null : misfit(value, shape.orNull, place);
  if ('array' in shape) {
    const isOfType = shape.array === 'F32' ? value instanceof Float32Array : value instanceof Uint32Array;
    const fits = isOfType && (value as Float32Array).length === (shape.length ?? (value as Float32Array).length);
    return fits ? null : wrong(`an array of ${shape.length ?? ''} ${shape.array}`);
  }
  if ('listOf' in shape) {
    if (!Array.isArray(value) || value.length !== (shape.length ?? value.length)) return wrong(`a list of ${shape.length ?? 'its kind'}`);
    return first(value.map((item, i) => () => misfit(item, shape.listOf, `${place}[${i}]`)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return wrong('an object');
  const held = value as { readonly [key: string]: Packed };
  const names = Object.keys(shape.fields);
  if (Object.keys(held).some((name) => !names.includes(name))) return wrong(`an object of ${names.join(', ')} alone`);
  return first(names.map((name) => () => misfit(held[name], shape.fields[name]!, `${place}.${name}`)));
}

function first(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const found = check();
    if (found !== null) return found;
  }
  return null;
}
