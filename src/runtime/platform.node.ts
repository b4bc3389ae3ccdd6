import { readFile } from 'node:fs/promises';

/** Bytes of a kernel binary that lies beside the built module. */
export async function readKernelBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(url));
}
