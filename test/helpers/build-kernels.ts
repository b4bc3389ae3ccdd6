/** Runs once before the tests: the kernel binaries they load are those of the present sources. */
export default async function setup(): Promise<void> {
  const { buildKernels } = (await import(new URL('../../build.mjs', import.meta.url).href)) as { buildKernels(): Promise<void> };
  await buildKernels();
}
