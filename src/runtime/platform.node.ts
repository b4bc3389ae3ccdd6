import { readFile } from 'node:fs/promises';

/** Bytes of a kernel binary that lies beside the built module. */
export async function readKernelBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(url));
}

/** Lets the host's events (signals, messages, timers) in before the next step of a long computation. */
export function pauseForHost(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
