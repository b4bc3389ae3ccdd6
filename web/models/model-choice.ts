import { element, labelled, select } from '../ui/element.js';
import { notify, notifyError } from '../ui/notices.js';
import type { Models } from './models.js';

const OPEN = 'open';

/** The list of models, with its last item a file to open; files can also be dropped anywhere on the page. */
export function modelChoice(models: Models): HTMLElement {
  const file = element('input', {
    attributes: { type: 'file', accept: '.safetensors', hidden: true, 'aria-hidden': 'true', tabindex: -1 },
  });
  const holder = element('div', { class: 'model-choice' });
  const fingerprint = element('code', { class: 'fingerprint', attributes: { id: 'fingerprint' } });

  const show = (): void => {
    const { all, current } = models;
    const options = all.map((model, i) => [`${i}`, model.name] as const);
    const control = select([...options, [OPEN, 'Open a model file …']], `${current ? all.indexOf(current) : OPEN}`, (value) => {
      if (value === OPEN) {
        show();
        file.click();
      } else models.use(all[Number(value)]!);
    });
    if (!current) control.prepend(element('option', { attributes: { value: '', selected: true } }, 'none yet'));
    control.id = 'model';
    fingerprint.textContent = current ? current.tagger.fingerprint.slice(0, 12) : '';
    fingerprint.title = current ? `fingerprint ${current.tagger.fingerprint}` : '';
    const hadFocus = holder.contains(document.activeElement);
    holder.replaceChildren(labelled('Model', control), file, fingerprint);
    if (hadFocus) control.focus();
  };
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) void openModel(models, chosen);
    file.value = '';
  });
  models.watch(show);
  show();
  return holder;
}

/** Loads a model file of the person's. */
export async function openModel(models: Models, file: File): Promise<void> {
  try {
    const { name } = await models.add(file.name, file);
    notify(`${name} is in use.`);
  } catch (error) {
    notifyError(error);
  }
}
