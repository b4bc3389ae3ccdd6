/** Philox4x32-10 in whole numbers of any size, written from the paper (Salmon et al. 2011), not from the kernel. */
export function philox(key: readonly [number, number], counter: readonly [number, number, number, number]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const a = 0xd2511f53n * c0;
    const b = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & WORD, (a >> 32n) ^ c3 ^ k1, a & WORD];
    k0 = (k0 + 0x9e3779b9n) & WORD;
    k1 = (k1 + 0xbb67ae85n) & WORD;
  }
  return [c0, c1, c2, c3].map(Number);
}

const WORD = 0xffffffffn;
