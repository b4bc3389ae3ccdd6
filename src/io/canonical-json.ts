import { SparseTagError } from '../errors.js';

/** A value that JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Whether a JSON value is an object, no list. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value cannot be written as canonical JSON (`JSON_NOT_...`), or a text is not the JSON that is accepted here. */
export class JsonError extends SparseTagError {
  override readonly name = 'JsonError';
  /** @param offset where in the text, in UTF-16 code units from 0; -1 when a value was refused */
  constructor(
    code: string,
    message: string,
    readonly offset = -1,
  ) {
    super(code, message);
  }
}

/** Whether every surrogate of the string belongs to a pair, so that it has a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDFFF]/u.test(text);
}

/** Total order of strings by UTF-16 code unit. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const isPlainObject = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function quote(text: string, path: string): string {
  if (!isWellFormed(text)) throw new JsonError('JSON_NOT_UNICODE', `${path} holds a lone surrogate, which has no UTF-8 form.`);
  // For well-formed strings JSON.stringify escapes only what it must: quote, backslash and controls.
  return JSON.stringify(text);
}

/**
 * The one canonical text of a JSON value, as RFC 8785 (JCS) has it: keys by UTF-16 code unit, no spaces, numbers in the
 * shortest form that ECMAScript gives them (-0 as 0), strings escaped only where they must be.
 *
 * @param value plain data; a config is, a `Map` or a class instance is not
 * @throws {JsonError} JSON_NOT_FINITE, JSON_NOT_UNICODE, JSON_NOT_PLAIN (anything JSON has no form for, `undefined`
 * included), JSON_FORBIDDEN_KEY (`__proto__`), JSON_TOO_DEEP
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', 0);
}

/** The same value as plain JSON data with keys in canonical order; shares nothing with its source. */
export function toJsonValue(value: unknown): JsonValue {
  return parseJson(canonicalJson(value));
}

const MAXIMUM_DEPTH = 64;

function write(value: unknown, path: string, depth: number): string {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new JsonError('JSON_NOT_FINITE', `${path} is ${value}; JSON holds finite numbers only.`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return quote(value, path);
  if (typeof value !== 'object' || !(Array.isArray(value) || isPlainObject(value))) {
    const what = typeof value === 'object' ? 'an instance of a class' : typeof value;
    throw new JsonError('JSON_NOT_PLAIN', `${path} is ${what}; JSON holds null, booleans, numbers, strings, arrays and plain objects.`);
  }
  if (depth >= MAXIMUM_DEPTH) throw new JsonError('JSON_TOO_DEEP', `${path.slice(0, 80)} is nested deeper than ${MAXIMUM_DEPTH} levels.`);
  if (Array.isArray(value)) {
    // Array.from also visits holes, which are undefined and refused.
    return `[${Array.from(value, (item, i) => write(item, `${path}[${i}]`, depth + 1)).join(',')}]`;
  }
  const keys = Object.keys(value).sort(compareCodeUnits);
  const members = keys.map((key) => {
    if (key === '__proto__') throw new JsonError('JSON_FORBIDDEN_KEY', `${path} has the key "__proto__".`);
    return `${quote(key, `a key of ${path}`)}:${write(value[key], `${path}.${key}`, depth + 1)}`;
  });
  return `{${members.join(',')}}`;
}

export interface JsonLimits {
  /** Levels of arrays and objects; at most and by default 64. */
  readonly depth?: number;
  /** UTF-16 code units of the text; default 16 Mi. */
  readonly length?: number;
}

/** Where the key of each member of the outermost object begins, in UTF-16 code units of the text from 0. */
export type MemberOffsets = Map<string, number>;

/**
 * Parses JSON (RFC 8259) more strictly than `JSON.parse`: an object with a key twice or with the key `__proto__`, a
 * number that overflows, and a lone surrogate are refused.
 *
 * @param offsets is filled, where it is given
 * @throws {JsonError} JSON_TOO_LONG, JSON_TOO_DEEP, JSON_SYNTAX, JSON_DUPLICATE_KEY, JSON_FORBIDDEN_KEY,
 * JSON_NOT_FINITE, JSON_NOT_UNICODE, with the offset in the text
 */
export function parseJson(text: string, limits: JsonLimits = {}, offsets?: MemberOffsets): JsonValue {
  const maximum = limits.length ?? 16 * 1024 * 1024;
  if (text.length > maximum)
    throw new JsonError('JSON_TOO_LONG', `The JSON text has ${text.length} characters; at most ${maximum} are read.`, 0);
  return new Parser(text, Math.min(limits.depth ?? MAXIMUM_DEPTH, MAXIMUM_DEPTH), offsets).document();
}

// Sticky, so that each matches at the parser's place only. None can backtrack.
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold raw controls
const PLAIN = /[^"\\\u0000-\u001F]*/y;
const HEX = /[0-9a-fA-F]{4}/y;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Space, tab, line feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

class Parser {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly depth: number,
    private readonly offsets: MemberOffsets | undefined,
  ) {}

  document(): JsonValue {
    this.#skipSpace();
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.text.length) this.#expected('the end of the text');
    return value;
  }

  #fail(code: string, message: string, offset = this.#at): never {
    throw new JsonError(code, message, offset);
  }

  #expected(what: string): never {
    const found =
      this.#at < this.text.length ? JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.#at)!)) : 'the end of the text';
    this.#fail('JSON_SYNTAX', `Expected ${what}, found ${found}.`);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    // exec would make a list of every match.
    if (!pattern.test(this.text)) return null;
    const begin = this.#at;
    this.#at = pattern.lastIndex;
    return this.text.slice(begin, this.#at);
  }

  #skipSpace(): void {
    for (let code = this.text.charCodeAt(this.#at); isSpace(code); code = this.text.charCodeAt(this.#at)) this.#at++;
  }

  #take(token: string): boolean {
    if (!this.text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #value(depth: number): JsonValue {
    switch (this.text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
    }
    if (this.#take('true')) return true;
    if (this.#take('false')) return false;
    if (this.#take('null')) return null;
    return this.#number();
  }

  #number(): number {
    const start = this.#at;
    const digits = this.#match(NUMBER);
    if (digits === null) this.#expected('a value');
    const value = Number(digits);
    if (!Number.isFinite(value)) this.#fail('JSON_NOT_FINITE', `The number ${digits.slice(0, 40)} is too large.`, start);
    return value;
  }

  #string(): string {
    const start = this.#at++;
    let value = this.#match(PLAIN)!;
    while (!this.#take('"')) {
      if (!this.#take('\\')) this.#expected('a closing quote (controls must be escaped)');
      value += this.#escape() + this.#match(PLAIN)!;
    }
    if (!isWellFormed(value)) this.#fail('JSON_NOT_UNICODE', 'The string holds a lone surrogate.', start);
    return value;
  }

  #escape(): string {
    if (this.#take('u')) {
      const digits = this.#match(HEX);
      if (digits === null) this.#expected('four hexadecimal digits');
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = ESCAPES.get(this.text[this.#at] ?? '');
    if (character === undefined) this.#expected('one of "\\/bfnrtu after a backslash');
    this.#at++;
    return character;
  }

  #enter(depth: number): void {
    if (depth >= this.depth) this.#fail('JSON_TOO_DEEP', `The JSON text is nested deeper than ${this.depth} levels.`);
    this.#at++;
    this.#skipSpace();
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#take(']')) return items;
      if (!this.#take(',')) this.#expected('"," or "]"');
      this.#skipSpace();
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const members: Record<string, JsonValue> = {};
    if (this.#take('}')) return members;
    for (;;) {
      const start = this.#at;
      if (this.text[start] !== '"') this.#expected('a key in quotes');
      const key = this.#string();
      if (key === '__proto__') this.#fail('JSON_FORBIDDEN_KEY', 'The key "__proto__" is not allowed.', start);
      if (Object.hasOwn(members, key))
        this.#fail('JSON_DUPLICATE_KEY', `The key ${JSON.stringify(key.slice(0, 80))} occurs twice in one object.`, start);
      this.#skipSpace();
      if (!this.#take(':')) this.#expected('":"');
      this.#skipSpace();
      members[key] = this.#value(depth + 1);
      if (depth === 0) this.offsets?.set(key, start);
      this.#skipSpace();
      if (this.#take('}')) return members;
      if (!this.#take(',')) this.#expected('"," or "}"');
      this.#skipSpace();
    }
  }
}
