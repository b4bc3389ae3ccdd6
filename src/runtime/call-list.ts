import type { KernelExports } from './kernel-exports.js';
import type { Kernel, KernelName } from './work.js';

/** Calls between two joins; a power of two. */
export const CALL_CAPACITY = 256;

/** Most arguments of a kernel. */
export const MAXIMUM_VALUES = 22;

// The control region: words that threads share, each in a cache line of its own, then a message, then the records.
//
//     word    state       is it open, stopped or failed
//             limit       calls added so far: where those end that may be claimed
//             next        calls claimed so far
//             done        calls finished so far
//             parked      threads that sleep until `limit` moves
//             message     bytes of the message of a failure, 0 = none; and whether one is being written
//     bytes   message
//     record  kernel number, number of values, values: f64, which holds every i32 and f32 exactly
//
// Counts only grow and wrap around at 2^32. A thread claims call n by moving `next` from n to n + 1, which fails unless n
// lies before `limit`: whoever comes late finds nothing, and needs no list that begins and ends.
const LINE_BYTES = 64;
const [STATE, LIMIT, NEXT, DONE, PARKED, MESSAGE] = [0, 16, 32, 48, 64, 80] as const;
const MESSAGE_CLAIMED = MESSAGE + 1;
const MESSAGE_OFFSET = 6 * LINE_BYTES;
const MESSAGE_BYTES = 4 * LINE_BYTES;
const RECORDS_OFFSET = MESSAGE_OFFSET + MESSAGE_BYTES;
const RECORD_LENGTH = 2 + MAXIMUM_VALUES;

/** Bytes of the control region, at a multiple of 64. */
export const CONTROL_BYTES = RECORDS_OFFSET + 8 * RECORD_LENGTH * CALL_CAPACITY;

const [OPEN, STOPPED, FAILED] = [0, 1, 2] as const;

// Sleepers are woken by whoever has news. The bounds are for those who would wake them and have died.
const PARKED_MILLISECONDS = 1000;
const JOINING_MILLISECONDS = 100;

/** The calls that the threads of a runtime share, in the control region of their memory. One thread adds, all of them run. */
export class CallList {
  readonly #words: Int32Array<ArrayBufferLike>;
  readonly #message: Uint8Array<ArrayBufferLike>;
  readonly #records: Float64Array<ArrayBufferLike>;
  readonly #names: string[] = [];
  readonly #kernels: Kernel[] = [];
  readonly #numbers = new Map<string, number>();
  /** Reused for every call of as many values. */
  readonly #values = Array.from({ length: MAXIMUM_VALUES + 1 }, (_, length) => new Array<number>(length).fill(0));

  /** @param kernels those of an instance of the module that all threads use: their order numbers them. Without, it can be stopped and failed. */
  constructor({ buffer }: WebAssembly.Memory, control: number, kernels: Partial<KernelExports> = {}) {
    // Shared memory keeps its place when it grows, and views of it stay valid.
    this.#words = new Int32Array(buffer, control, MESSAGE_OFFSET / 4);
    this.#message = new Uint8Array(buffer, control + MESSAGE_OFFSET, MESSAGE_BYTES);
    this.#records = new Float64Array(buffer, control + RECORDS_OFFSET, RECORD_LENGTH * CALL_CAPACITY);
    for (const [name, kernel] of Object.entries(kernels)) {
      this.#numbers.set(name, this.#names.push(name) - 1);
      this.#kernels.push(kernel as Kernel);
    }
  }

  get isOpen(): boolean {
    return Atomics.load(this.#words, STATE) === OPEN;
  }

  /** Why the list has failed; `null` while it has not. */
  get failure(): string | null {
    if (Atomics.load(this.#words, STATE) !== FAILED) return null;
    const bytes = Atomics.load(this.#words, MESSAGE);
    return bytes === 0 ? 'it ended' : new TextDecoder().decode(this.#message.slice(0, bytes));
  }

  /** Adds a call, of which there are fewer than `CALL_CAPACITY` since all were done; wakes a thread for it if `wakes`. */
  add(kernel: KernelName, values: readonly number[], wakes: boolean): void {
    const words = this.#words;
    const records = this.#records;
    const limit = Atomics.load(words, LIMIT);
    const at = RECORD_LENGTH * (limit & (CALL_CAPACITY - 1));
    records[at] = this.#numbers.get(kernel)!;
    records[at + 1] = values.length;
    for (let i = 0; i < values.length; i++) records[at + 2 + i] = values[i]!;
    Atomics.store(words, LIMIT, limit + 1);
    // A thread counts itself before it looks at `limit` for the last time, so that it sees the call or is seen here.
    if (wakes && Atomics.load(words, PARKED) > 0) Atomics.notify(words, LIMIT, 1);
  }

  /** Runs a call that no thread has claimed; false if there is none or the list is no longer open. One that throws fails the list. */
  runNext(): boolean {
    const words = this.#words;
    let next: number;
    do {
      next = Atomics.load(words, NEXT);
      if (next === Atomics.load(words, LIMIT) || !this.isOpen) return false;
    } while (Atomics.compareExchange(words, NEXT, next, next + 1) !== next);
    this.#run(RECORD_LENGTH * (next & (CALL_CAPACITY - 1)));
    const done = (Atomics.add(words, DONE, 1) + 1) | 0;
    if (done === Atomics.load(words, LIMIT)) Atomics.notify(words, DONE, 1);
    return true;
  }

  #run(at: number): void {
    const records = this.#records;
    const number = records[at]!;
    const values = this.#values[records[at + 1]!]!;
    for (let i = 0; i < values.length; i++) values[i] = records[at + 2 + i]!;
    try {
      this.#kernels[number]!.apply(undefined, values);
    } catch (error) {
      this.fail(`${this.#names[number]}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Waits until there is a call to claim; false when the list is no longer open. Looks `spins` times before it sleeps. */
  awaitCall(spins: number): boolean {
    const words = this.#words;
    while (this.isOpen) {
      const next = Atomics.load(words, NEXT);
      for (let i = 0; i <= spins; i++) if (Atomics.load(words, LIMIT) !== next) return true;
      Atomics.add(words, PARKED, 1);
      Atomics.wait(words, LIMIT, next, PARKED_MILLISECONDS);
      Atomics.sub(words, PARKED, 1);
    }
    return false;
  }

  /** Waits until every call is done or the list is no longer open. Looks `spins` times before it sleeps. */
  awaitEnd(spins: number): void {
    const words = this.#words;
    const limit = Atomics.load(words, LIMIT);
    for (let i = 0; i < spins; i++) if (Atomics.load(words, DONE) === limit) return;
    while (this.isOpen) {
      const done = Atomics.load(words, DONE);
      if (done === limit) return;
      Atomics.wait(words, DONE, done, JOINING_MILLISECONDS);
    }
  }

  /** Ends the list for every thread. */
  stop(): void {
    this.#close(STOPPED);
  }

  /** Ends the list for every thread, because of a fault; the first message stays. */
  fail(message: string): void {
    if (Atomics.compareExchange(this.#words, MESSAGE_CLAIMED, 0, 1) === 0) {
      const bytes = new TextEncoder().encode(message).subarray(0, MESSAGE_BYTES);
      this.#message.set(bytes);
      Atomics.store(this.#words, MESSAGE, bytes.length);
    }
    this.#close(FAILED);
  }

  #close(state: number): void {
    Atomics.compareExchange(this.#words, STATE, OPEN, state);
    Atomics.notify(this.#words, LIMIT);
    Atomics.notify(this.#words, DONE);
  }
}
