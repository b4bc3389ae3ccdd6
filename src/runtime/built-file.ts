import { CapabilityError } from '../errors.js';

/**
 * A file of the build. Source files run from src/runtime (tests); built ones lie beside it.
 * @throws {CapabilityError} BUILD_FILE_UNKNOWN where the script has no address that a file could lie beside, as in a worker made of a blob
 */
export function builtFile(name: string): URL {
  const { url } = import.meta;
  try {
    return new URL(`${url.includes('/src/runtime/') ? '../../dist/' : './'}${name}`, url);
  } catch (cause) {
    throw new CapabilityError('BUILD_FILE_UNKNOWN', `no file ${name} can be found beside the script, whose address is ${url}`, { cause });
  }
}
