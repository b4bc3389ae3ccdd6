import { fileURLToPath } from 'node:url';
import { displayName } from './files.js';

/** `text`, which names files of the package as `examples/...`, with the names that they have from the working folder. */
export function locateExamples(text: string): string {
  const folder = displayName(fileURLToPath(new URL('../examples', import.meta.url)));
  return text.replaceAll(/(?<![\w/])examples\//g, () => `${folder}/`);
}
