import type { TrainEvent } from '../train/events.js';

/** An event of training as it is sent between threads: bytes in place of what makes them. */
export type SentEvent =
  | Exclude<TrainEvent, { type: 'checkpoint' }>
  | { readonly type: 'checkpoint'; readonly step: number; readonly bytes: Uint8Array };

/** The event in a form that can be sent, and what may go along without a copy. */
export function packEvent(event: TrainEvent): { readonly sent: SentEvent; readonly transfer: Transferable[] } {
  if (event.type === 'done') return { sent: event, transfer: [event.model.buffer as ArrayBuffer] };
  if (event.type !== 'checkpoint') return { sent: event, transfer: [] };
  const bytes = event.bytes();
  return { sent: { type: 'checkpoint', step: event.step, bytes }, transfer: [bytes.buffer as ArrayBuffer] };
}

/** The event as training yields it. Bytes of a checkpoint stay valid. */
export function unpackEvent(sent: SentEvent): TrainEvent {
  if (sent.type !== 'checkpoint') return sent;
  const { bytes } = sent;
  return { ...sent, bytes: () => bytes, parts: () => [bytes] };
}
