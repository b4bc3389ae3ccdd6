// SHA-256 in 32-bit integer arithmetic: synchronous (unlike WebCrypto, which a window also lacks outside secure contexts)
// and incremental, so that large tensors are hashed where they lie.

// biome-ignore format: eight constants a line
/** FIPS 180-4, 4.2.2: first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = Int32Array.from([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** FIPS 180-4, 5.3.3: the same of the square roots of the first 8 primes. */
const INITIAL_STATE = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

const BLOCK_BYTES = 64;

/** Bytes that one call compresses: a loop over a whole tensor would stay in the code that engines make for loops they enter midway. */
const CHUNK_BYTES = 4096;

/** Incremental SHA-256 (FIPS 180-4). */
export class Sha256 {
  readonly #state = Int32Array.from(INITIAL_STATE);
  readonly #schedule = new Int32Array(64);
  readonly #pending = new Uint8Array(BLOCK_BYTES);
  #pendingBytes = 0;
  #totalBytes = 0;
  #isDone = false;

  /** Appends bytes to the message; any cut of a message into updates gives the same digest. */
  update(bytes: Uint8Array): this {
    if (this.#isDone) throw new Error('Sha256.update after digest: start a new Sha256.');
    let offset = 0;
    this.#totalBytes += bytes.length;
    if (this.#pendingBytes > 0) {
      offset = Math.min(BLOCK_BYTES - this.#pendingBytes, bytes.length);
      this.#pending.set(bytes.subarray(0, offset), this.#pendingBytes);
      this.#pendingBytes += offset;
      if (this.#pendingBytes < BLOCK_BYTES) return this;
      compress(this.#state, this.#schedule, new DataView(this.#pending.buffer), 0, BLOCK_BYTES);
      this.#pendingBytes = 0;
    }
    const end = offset + Math.floor((bytes.length - offset) / BLOCK_BYTES) * BLOCK_BYTES;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = offset; at < end; at += CHUNK_BYTES) compress(this.#state, this.#schedule, view, at, Math.min(end, at + CHUNK_BYTES));
    this.#pending.set(bytes.subarray(end));
    this.#pendingBytes = bytes.length - end;
    return this;
  }

  /** The 32 bytes of the digest. Ends the message: no update may follow. */
  digest(): Uint8Array {
    if (this.#isDone) throw new Error('Sha256.digest twice: start a new Sha256.');
    const totalBytes = this.#totalBytes;
    const padding = new Uint8Array(((119 - this.#pendingBytes) & 63) + 9);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(totalBytes / 0x20000000));
    view.setUint32(padding.length - 4, (totalBytes % 0x20000000) * 8);
    this.update(padding);
    this.#isDone = true;
    const result = new Uint8Array(32);
    const out = new DataView(result.buffer);
    for (let i = 0; i < 8; i++) out.setInt32(4 * i, this.#state[i]!);
    return result;
  }

  /** The digest as 64 lower-case hexadecimal digits. Ends the message. */
  hex(): string {
    let text = '';
    for (const byte of this.digest()) text += (byte + 256).toString(16).slice(1);
    return text;
  }
}

/** SHA-256 of some bytes, or of the UTF-8 bytes of a string, as 64 lower-case hexadecimal digits. */
export function sha256Hex(message: Uint8Array | string): string {
  return new Sha256().update(typeof message === 'string' ? new TextEncoder().encode(message) : message).hex();
}

/** Runs the compression function over the whole blocks of bytes[begin, end). */
function compress(state: Int32Array, w: Int32Array, bytes: DataView, begin: number, end: number): void {
  const k = ROUND_CONSTANTS;
  let s0 = state[0]!;
  let s1 = state[1]!;
  let s2 = state[2]!;
  let s3 = state[3]!;
  let s4 = state[4]!;
  let s5 = state[5]!;
  let s6 = state[6]!;
  let s7 = state[7]!;
  for (let at = begin; at < end; at += BLOCK_BYTES) {
    for (let i = 0; i < 16; i++) w[i] = bytes.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + sigma0 + w[i - 7]! + sigma1) | 0;
    }
    let a = s0;
    let b = s1;
    let c = s2;
    let d = s3;
    let e = s4;
    let f = s5;
    let g = s6;
    let h = s7;
    for (let i = 0; i < 64; i++) {
      const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + sum1 + (g ^ (e & (f ^ g))) + k[i]! + w[i]!) | 0;
      const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (sum0 + ((a & b) | (c & (a | b)))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    s0 = (s0 + a) | 0;
    s1 = (s1 + b) | 0;
    s2 = (s2 + c) | 0;
    s3 = (s3 + d) | 0;
    s4 = (s4 + e) | 0;
    s5 = (s5 + f) | 0;
    s6 = (s6 + g) | 0;
    s7 = (s7 + h) | 0;
  }
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
  state[4] = s4;
  state[5] = s5;
  state[6] = s6;
  state[7] = s7;
}
