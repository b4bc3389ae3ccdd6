import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const DEPTH = 130;
const REPEATS = 20_000;

/** Compiles assembly/bench/yardstick.ts and returns a function that measures its GFLOP/s once (about 10 ms). */
export async function loadYardstick() {
  const source = await readFile(new URL('../assembly/bench/yardstick.ts', import.meta.url), 'utf8');
  let binary = null;
  const { error, stderr } = await asc.main(
    [
      'yardstick.ts',
      '--outFile',
      'yardstick.wasm',
      '--runtime',
      'stub',
      '-O3',
      '--enable',
      'simd',
      '--use',
      'abort=',
      '--initialMemory',
      '1',
    ],
    {
      readFile: (name) => (name === 'yardstick.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name === 'yardstick.wasm') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`the yardstick does not compile: ${stderr.toString()}`, { cause: error });
  const { instance } = await WebAssembly.instantiate(binary);
  return () => {
    const begun = performance.now();
    instance.exports.tile(DEPTH, 1024, 8192, 32768, REPEATS);
    return (64 * DEPTH * REPEATS) / (performance.now() - begun) / 1e6;
  };
}
