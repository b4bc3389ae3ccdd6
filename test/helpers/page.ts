interface Builder {
  buildKernels(): Promise<void>;
  buildPage(): Promise<void>;
}

/** Builds the page into dist/web, and before it the kernels. */
export async function buildPage(): Promise<void> {
  const { buildKernels, buildPage } = (await import(new URL('../../build.mjs', import.meta.url).href)) as Builder;
  await buildKernels();
  await buildPage();
}
