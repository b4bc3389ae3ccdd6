/** Once before all tests: kernels for those that compute, bundles for those that run the command line as users do. */
export default async function build(): Promise<void> {
  const { buildKernels, buildScripts } = (await import(new URL('../../build.mjs', import.meta.url).href)) as Builders;
  await buildKernels();
  await buildScripts();
}

interface Builders {
  buildKernels(): Promise<void>;
  buildScripts(): Promise<void>;
}
