import path from 'node:path';
import { type ModelContents, ResourceError } from 'sparsetag';
import { displayName, makeFolder, reasonOf, writeFileAtomically } from '../files.js';
import { escapeText } from '../render/svg/document.js';
import { maskPictures } from './mask-pictures.js';
import type { Picture } from './picture.js';
import { readTraining, trainingPictures } from './training-pictures.js';

interface Section {
  readonly title: string;
  readonly pictures: readonly Picture[];
  /** Said where there is no picture. */
  readonly otherwise: string;
}

/**
 * Draws a model, a run, or both: SVG files and an `index.html` that shows them.
 *
 * @param model what its file holds; null: the run has not ended
 * @param run its folder; null: there is only a model file
 * @returns the page, and how many pictures it shows
 * @throws {ResourceError} PICTURES_FOLDER when `folder` cannot be written
 */
export async function writePictures(
  folder: string,
  model: ModelContents | null,
  run: string | null,
): Promise<{ readonly page: string; readonly count: number }> {
  const sections: Section[] = [
    {
      title: 'Training',
      pictures: run === null ? [] : trainingPictures(await readTraining(run)),
      otherwise:
        run === null
          ? 'A model file does not hold its training: name the folder of the run.'
          : 'No stage has two epochs to draw a line between.',
    },
    {
      title: 'Masks',
      pictures: model === null ? [] : maskPictures(model),
      otherwise: model === null ? 'The run has not ended: it has no model yet.' : 'There are no masks: every task keeps all weights.',
    },
  ];
  const page = path.join(folder, 'index.html');
  try {
    await makeFolder(folder);
    for (const { file, svg } of sections.flatMap(({ pictures }) => pictures)) await writeFileAtomically(path.join(folder, file), svg);
    await writeFileAtomically(page, formatPage(run === null ? 'Model' : `Run ${path.basename(path.resolve(run))}`, sections));
  } catch (cause) {
    throw new ResourceError('PICTURES_FOLDER', `the folder ${displayName(folder)} cannot be written: ${reasonOf(cause)}`, { cause });
  }
  return { page, count: sections.reduce((sum, { pictures }) => sum + pictures.length, 0) };
}

/** A page that shows pictures, without any script. */
function formatPage(title: string, sections: readonly Section[]): string {
  const parts = sections.flatMap(({ title: heading, pictures, otherwise }) => [
    `<h2>${heading}</h2>`,
    ...(pictures.length === 0 ? [`<p>${escapeText(otherwise)}</p>`] : []),
    ...pictures.map((picture) => `<p><img src="${picture.file}" alt="${escapeText(picture.title)}"></p>`),
  ]);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>body{font:16px system-ui,sans-serif;margin:2rem;max-width:60rem}img{max-width:100%;height:auto}</style>
<h1>${escapeText(title)}</h1>
${parts.join('\n')}
</html>
`;
}
