import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { killRuns } from '../../soak/kill.mjs';

// .ci/run kills 100 times, `npm run soak:kill` 500 times.
const KILLS = Number(process.env.SOAK_KILLS ?? 10);

test.each([1, 2])(
  `runs that are killed again and again end with the bytes of one that was left alone (%d threads)`,
  async (threads) => {
    const { kills, runs, same, phases } = await killRuns({ kills: KILLS / 2, seed: threads, threads });
    expect(same).toBe(runs);
    expect(kills).toBe(KILLS / 2);
    expect(phases.prune).toBeGreaterThan(0);
  },
  900_000,
);

test.each(['1', '2'])('memory stays flat over tag calls, and over loading and disposing (%s threads)', async (threads) => {
  const script = fileURLToPath(new URL('../../soak/memory.mjs', import.meta.url));
  const args = [script, '--calls', '400', '--cycles', '12', '--threads', threads, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
  const { tagging, loading } = JSON.parse(stdout);
  for (const { wasmBytes } of [tagging, loading]) expect(wasmBytes[1]).toBe(wasmBytes[0]);
  // A short run is still warming up; npm run soak:memory holds it to 2 %.
  for (const { growth } of [tagging, loading]) expect(growth).toBeLessThan(0.2);
});
