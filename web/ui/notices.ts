import { SparseTagError } from 'sparsetag';
import { button, byId, element } from './element.js';

/** Tells what happened, until something else does or the person takes it away. */
export function notify(text: string, kind: 'fine' | 'fault' = 'fine'): void {
  const notice = element(
    'div',
    { class: `notice ${kind}`, attributes: { role: kind === 'fault' ? 'alert' : 'status' } },
    element('p', {}, text),
  );
  notice.append(button('Close', () => notice.remove(), 'quiet'));
  byId('notices').replaceChildren(notice);
}

/** Tells of an error in one line; one that stops what the person has stopped is none. */
export function notifyError(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof DOMException) {
    notify(error.message, 'fault');
    return;
  }
  const message = error instanceof Error ? error.message : `${error}`;
  notify(error instanceof SparseTagError ? `${message} [${error.code}]` : `This is a fault in SparseTag itself: ${message}`, 'fault');
}
