import type * as promises from 'node:fs/promises';

/** A disk that refuses operations: stands in for `node:fs/promises`. */
export class FaultyDisk {
  /** Operations since the last `reset`, by name. */
  readonly done: string[] = [];
  #code = '';
  #refuses: (index: number) => boolean = () => false;

  /** From now on refuses the operations, counted from 0, that `refuses` says. */
  reset(code = '', refuses: (index: number) => boolean = () => false): void {
    this.done.length = 0;
    this.#code = code;
    this.#refuses = refuses;
  }

  async #attempt<T>(name: string, operation: () => Promise<T>, half?: () => Promise<unknown>): Promise<T> {
    const isRefused = this.#refuses(this.done.length);
    this.done.push(name);
    if (!isRefused) return operation();
    await half?.();
    throw Object.assign(new Error(`${this.#code}: refused, ${name}`), { code: this.#code, syscall: name });
  }

  wrap(real: typeof promises): typeof promises {
    const plain = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) => {
      return (...args: A): Promise<R> => this.#attempt(name, () => call(...args));
    };
    return {
      ...real,
      access: plain('access', real.access),
      mkdir: plain('mkdir', real.mkdir as never),
      readFile: plain('readFile', real.readFile as never),
      rename: plain('rename', real.rename),
      rm: plain('rm', real.rm),
      open: async (...args: Parameters<typeof real.open>) => this.#wrapHandle(await this.#attempt('open', () => real.open(...args))),
    } as typeof promises;
  }

  /** Refused writes leave half of what they were given, a refused close has closed. */
  #wrapHandle(handle: promises.FileHandle): promises.FileHandle {
    const attempts: Record<string, (...args: never[]) => Promise<unknown>> = {
      writeFile: (data: Uint8Array | string) => {
        const bytes = Buffer.from(data as Uint8Array);
        return this.#attempt(
          'writeFile',
          () => handle.writeFile(bytes),
          () => handle.writeFile(bytes.subarray(0, bytes.length >> 1)),
        );
      },
      write: (bytes: Uint8Array, offset: number, length: number, position: number) => {
        const write = (n: number) => handle.write(bytes, offset, n, position);
        return this.#attempt(
          'write',
          () => write(length),
          () => write(length >> 1),
        );
      },
      sync: () => this.#attempt('sync', () => handle.sync()),
      truncate: (length: number) => this.#attempt('truncate', () => handle.truncate(length)),
      readFile: () => this.#attempt('readFile', () => handle.readFile()),
      close: () =>
        this.#attempt(
          'close',
          () => handle.close(),
          () => handle.close(),
        ),
    };
    return new Proxy(handle, { get: (target, name) => attempts[name as string] ?? Reflect.get(target, name) });
  }
}
