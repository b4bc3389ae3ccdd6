import { roundUp } from '../../runtime/layout.js';
import type { Probe } from '../probe.js';

const ELEMENTS = [1, 33, 257];

/** Two masks of as many words. */
function eachPair(probe: Probe, body: (a: number, b: number, words: number) => void): void {
  for (const count of ELEMENTS) body(probe.mask(count, 60), probe.mask(count, 30), Math.ceil(count / 32));
}

function maskApply(probe: Probe): void {
  for (const count of ELEMENTS) probe.run('maskApply', [probe.numbers(count), probe.mask(count, 50), count]);
}

function maskCount(probe: Probe): void {
  eachPair(probe, (a, _, words) => probe.result(probe.kernels.maskCount(a, words)));
}

function maskIntersect(probe: Probe): void {
  eachPair(probe, (a, b, words) => probe.run('maskIntersect', [probe.zeros(words), a, b, words]));
}

function maskUnite(probe: Probe): void {
  eachPair(probe, (a, b, words) => probe.run('maskUnite', [probe.zeros(words), a, b, words]));
}

function maskCountIntersection(probe: Probe): void {
  eachPair(probe, (a, b, words) => probe.result(probe.kernels.maskCountIntersection(a, b, words)));
}

function maskCountUnion(probe: Probe): void {
  eachPair(probe, (a, b, words) => probe.result(probe.kernels.maskCountUnion(a, b, words)));
}

/** Many magnitudes, few (ties), and of the last bit alone. */
function pruneByMagnitude(probe: Probe): void {
  const count = 500;
  const scratch = probe.scratch(probe.kernels.pruneScratchBytes());
  const tied = probe.f32(Array.from({ length: count }, (_, e) => [1, -1, 0.5, -0.5, 0, 1e-40, 3e38][(e * e) % 7]!));
  const close = probe.f32(Array.from({ length: count }, (_, e) => 1 + ((e * 37) % 64) / 0x800000));
  for (const weights of [probe.numbers(count), tied, close]) {
    const words = roundUp(count, 32) / 32;
    const mask = probe.mask(count, 70);
    const available = probe.kernels.maskCount(mask, words);
    for (const keep of [0, available >> 1, available]) {
      probe.result(probe.kernels.pruneByMagnitude(probe.zeros(words), weights, mask, count, keep, scratch));
    }
  }
}

export const MASKS = { maskApply, maskCount, maskIntersect, maskUnite, maskCountIntersection, maskCountUnion, pruneByMagnitude };
