/** A file of the build. Source files run from src/runtime (tests); built ones lie beside it. */
export function builtFile(name: string): URL {
  const base = import.meta.url.includes('/src/runtime/') ? '../../dist/' : './';
  return new URL(`${base}${name}`, import.meta.url);
}
