// Damage and malice, made from dice: to bytes, to text and to JSON.
import type { Dice } from '../../src/conformance/dice.js';

const encoder = new TextEncoder();

const INTERESTING_BYTES = [
  0x00, 0x01, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5b, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff,
];

/** One change: a bit, a byte, a stretch that goes, comes twice or moves, a cut, a second copy. */
export function mutateBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.roll(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + dice.roll(dice.chance(20) ? bytes.length + 1 : 16));
  const [head, part, tail] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (dice.roll(8)) {
    case 0:
      return joined(head, part.length > 0 ? Uint8Array.of(part[0]! ^ (1 << dice.roll(8))) : part, bytes.subarray(at + 1));
    case 1:
      return joined(head, Uint8Array.of(dice.pick(INTERESTING_BYTES)), bytes.subarray(at + 1));
    case 2:
      return joined(head, tail);
    case 3:
      return joined(head, part, part, tail);
    case 4:
      return joined(head, Uint8Array.of(dice.pick(INTERESTING_BYTES), dice.roll(256)), part, tail);
    case 5:
      return bytes.slice(0, at);
    case 6:
      return joined(tail, head);
    default:
      return joined(bytes, part);
  }
}

/** One of `pieces` put into a text, in the place of a few letters or between them. */
export function mutateText(text: string, pieces: readonly string[], dice: Dice): string {
  const at = dice.roll(text.length + 1);
  return text.slice(0, at) + dice.pick(pieces) + text.slice(at + (dice.chance(50) ? 0 : dice.roll(6)));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What JSON may hold; changed in place. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  1e-320,
  63,
  64,
  255,
  256,
  4096,
  65536,
  2 ** 31,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e300,
];
const STRINGS = [
  '',
  ' ',
  'a',
  'O',
  'B-',
  '\n',
  '\0',
  '\u00e9',
  '\ud800',
  '\u{10ffff}',
  '../../x',
  '%2F',
  'constructor',
  '__proto__x',
  'top',
];

function hostileValue(dice: Dice): Json {
  switch (dice.roll(9)) {
    case 0:
      return dice.pick([null, true, false]);
    case 1:
      return dice.pick(STRINGS);
    case 2:
      return [];
    case 3:
      return {};
    case 4:
      return dice.chance(5) ? nested(dice.pick([10, 63, 64, 65, 1000])) : [dice.pick(NUMBERS), dice.pick(NUMBERS)];
    case 5:
      return dice.chance(5) ? 'x'.repeat(dice.pick([1001, 70_000])) : dice.roll(1000);
    default:
      return dice.pick(NUMBERS);
  }
}

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A place in JSON: a member of an object or an item of a list. */
interface Slot {
  readonly holder: Record<string, Json>;
  readonly key: string;
}

function slotsOf(value: Json, slots: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return slots;
  for (const [key, item] of Object.entries(value)) {
    slots.push({ holder: value as Record<string, Json>, key });
    slotsOf(item, slots);
  }
  return slots;
}

/** One change somewhere in `value`: another value, a member less or more, a new name, a copy of another part. */
export function mutateJson(value: Json, dice: Dice): void {
  const slots = slotsOf(value);
  if (slots.length === 0) return;
  const { holder, key } = dice.pick(slots);
  const other = dice.pick(slots);
  switch (dice.roll(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(holder[key]!));
      else holder[dice.chance(50) ? dice.pick(STRINGS) : other.key] = structuredClone(holder[key]!);
      break;
    case 2:
      holder[key] = structuredClone(other.holder[other.key]!);
      break;
    default:
      holder[key] = hostileValue(dice);
  }
}

/** What a text of JSON may have that no value has. */
export const JSON_PIECES = [
  '"__proto__":1,',
  '"\\ud800"',
  '1e999',
  '-0',
  '01',
  '.5',
  ',,',
  '/**/',
  "'",
  '\u0001',
  '\ufeff',
  'NaN',
  '[[[[',
  '{"a":1,"a":2}',
];

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
