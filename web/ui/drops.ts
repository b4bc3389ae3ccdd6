import { notifyError } from './notices.js';

/** Takes files that are dropped anywhere on the page. */
export function acceptDrops(take: (file: File) => Promise<void>): void {
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.documentElement.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.documentElement.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    document.documentElement.classList.remove('dropping');
    if (!hasFiles(event)) return;
    event.preventDefault();
    for (const file of event.dataTransfer!.files) take(file).catch(notifyError);
  });
}
