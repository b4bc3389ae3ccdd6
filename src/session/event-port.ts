// Events from a worker through a plain port: in order, and at most WINDOW ahead of who takes them, so that a training whose
// events nobody takes waits, as a generator does. Events that follow one another fast go together, since a message takes
// both ends more time than what it tells.
import { pauseForHost } from '../runtime/pause.js';

const WINDOW = 64;

/** Said after the last event. */
const END = null;

/** The worker's end. */
export class EventSender<Event> {
  #room = WINDOW;
  #wake: (() => void) | null = null;
  #events: Event[] = [];
  #transfer: Transferable[] = [];

  constructor(
    private readonly port: MessagePort,
    private readonly signal: AbortSignal,
  ) {
    port.onmessage = ({ data: taken }: MessageEvent<number>) => {
      this.#room += taken;
      this.#wake?.();
    };
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  /**
   * Sends an event as soon as there is room for it, with those that follow until the worker next lets its host in; once the signal is
   * aborted only what ends the work is sent, and needs no room.
   */
  async send(event: Event, transfer: Transferable[]): Promise<void> {
    while (this.#room <= 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#room -= 1;
    this.#events.push(event);
    this.#transfer.push(...transfer);
    if (this.#events.length === 1) void pauseForHost().then(() => this.#post());
  }

  /** Says that no more follow. */
  end(): void {
    this.#post();
    this.port.postMessage(END);
    this.port.close();
  }

  #post(): void {
    if (this.#events.length === 0) return;
    this.port.postMessage(this.#events, this.#transfer);
    this.#events = [];
    this.#transfer = [];
  }
}

/** The end of who takes them. */
export class EventReceiver<Event> {
  readonly #parts: Event[][] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(private readonly port: MessagePort) {
    port.onmessage = ({ data }: MessageEvent<Event[] | typeof END>) => {
      if (data === END) this.end();
      else this.#parts.push(data);
      this.#wake?.();
    };
  }

  /** No more follow, whatever the sender says. */
  end(): void {
    this.#ended = true;
    this.port.close();
    this.#wake?.();
  }

  /** Events as they come, those too that came before the end was known. */
  async *events(): AsyncGenerator<Event> {
    for (;;) {
      const events = this.#parts.shift();
      if (events !== undefined) {
        yield* events;
        if (!this.#ended) this.port.postMessage(events.length);
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
