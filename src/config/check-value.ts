import type { Kind } from './settings.js';

/** A name of a task or corpus. It starts with a letter, so that no name reads as a position in its list. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** A name of a column; what is not one but made begins with @. */
const COLUMN = /^(@position|[^\s@]\S{0,63})$/;

/** What is wrong with a value: of the wrong type, or of the right type but out of range. */
export interface Fault {
  readonly code: 'CONFIG_TYPE' | 'CONFIG_RANGE';
  readonly expected: string;
}

/** What values of `kind` are, for messages, `--help` and documentation: `an integer of 1 or more`. */
export function describeKind(kind: Kind): string {
  switch (kind.type) {
    case 'integer':
      return `an integer ${describeRange(kind.minimum, kind.maximum)}`;
    case 'number':
      return `a number ${describeInterval(kind)}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return kind.values.join(' | ');
    case 'choice-or-integer':
      return `${kind.values.join(' | ')} | an integer ${describeRange(kind.minimum, kind.maximum)}`;
    case 'column':
      return 'a column: a number from 0 to 255, a name without spaces, or @position';
    case 'name':
      return 'a name (letters, digits, _ and -, a letter first, at most 64)';
    case 'file':
      return kind.nullable ? 'a file name or null' : 'a file name';
    case 'schedule':
      return 'a list of positive numbers, each smaller than the one before';
  }
}

function describeRange(minimum: number, maximum: number): string {
  return maximum === 0x7fffffff ? `of ${minimum} or more` : `from ${minimum} to ${maximum}`;
}

function describeInterval(kind: Kind & { readonly type: 'number' }): string {
  const lower = kind.above === undefined ? (kind.minimum === undefined ? null : `at least ${kind.minimum}`) : `above ${kind.above}`;
  const upper = kind.below === undefined ? (kind.maximum === undefined ? null : `at most ${kind.maximum}`) : `below ${kind.below}`;
  return [lower, upper].filter((part) => part !== null).join(' and ');
}

/** The fault of `value` as a setting of `kind`, or `null`. */
export function checkValue(kind: Kind, value: unknown): Fault | null {
  const rightType = hasType(kind, value);
  if (rightType && isInRange(kind, value)) return null;
  return { code: rightType ? 'CONFIG_RANGE' : 'CONFIG_TYPE', expected: describeKind(kind) };
}

function hasType(kind: Kind, value: unknown): boolean {
  switch (kind.type) {
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
    case 'name':
      return typeof value === 'string';
    case 'column':
    case 'choice-or-integer':
      return typeof value === 'string' || typeof value === 'number';
    case 'file':
      return typeof value === 'string' || (kind.nullable && value === null);
    case 'schedule':
      return Array.isArray(value) && value.every((item) => typeof item === 'number');
  }
}

function isInRange(kind: Kind, value: unknown): boolean {
  switch (kind.type) {
    case 'integer':
      return isIntegerFrom(value, kind.minimum, kind.maximum);
    case 'number':
      return Number.isFinite(value) && isInside(kind, value as number);
    case 'boolean':
      return true;
    case 'choice':
      return kind.values.includes(value as string);
    case 'choice-or-integer':
      return kind.values.includes(value as string) || isIntegerFrom(value, kind.minimum, kind.maximum);
    case 'column':
      return typeof value === 'string' ? COLUMN.test(value) : isIntegerFrom(value, 0, 255);
    case 'name':
      return NAME.test(value as string);
    case 'file':
      return value !== '';
    case 'schedule':
      return isSchedule(value as readonly number[]);
  }
}

function isIntegerFrom(value: unknown, minimum: number, maximum: number): boolean {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
}

function isInside(kind: Kind & { readonly type: 'number' }, value: number): boolean {
  const { minimum = -Infinity, above = -Infinity, maximum = Infinity, below = Infinity } = kind;
  return value >= minimum && value > above && value <= maximum && value < below;
}

/** Whether a number says what pruning keeps: a count (> 1, whole) or a fraction (<= 1). */
export function isAmountKept(value: number): boolean {
  return value > 0 && (value <= 1 || Number.isSafeInteger(value));
}

/** Counts and fractions may be mixed; only neighbours of one sort can be compared here. */
function isSchedule(keep: readonly number[]): boolean {
  return keep.every((value, i) => {
    if (!isAmountKept(value)) return false;
    const before = keep[i - 1];
    return before === undefined || before > 1 !== value > 1 || value < before;
  });
}
