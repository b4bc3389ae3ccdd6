/** Builds the page into dist/web, where the kernels are built. */
export async function buildPage(): Promise<void> {
  const { buildPage } = (await import(new URL('../../build.mjs', import.meta.url).href)) as { buildPage(): Promise<void> };
  await buildPage();
}
