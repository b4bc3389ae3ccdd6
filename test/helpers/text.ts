// What tests of text readers need: bytes, streams, and the error of a refusal.

const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** A stream of `bytes` in chunks of `size`. */
export async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += size) yield bytes.slice(begin, begin + size);
}

/** The error of class `kind` that `run` throws, or null; any other error goes on. */
export function errorOf<E extends Error>(run: () => unknown, kind: abstract new (...args: never[]) => E): E | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
}

/** {@link errorOf} of a promise. */
export async function rejectionOf<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
}
