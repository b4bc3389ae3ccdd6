// Events from a worker through a plain port: in order, and at most WINDOW ahead of who takes them, so that a training whose
// events nobody takes waits, as a generator does.

const WINDOW = 64;

/** Said after the last event. */
const END = null;

/** The worker's end. */
export class EventSender<Event> {
  #room = WINDOW;
  #wake: (() => void) | null = null;

  constructor(
    private readonly port: MessagePort,
    private readonly signal: AbortSignal,
  ) {
    port.onmessage = () => {
      this.#room += 1;
      this.#wake?.();
    };
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  /** Sends an event as soon as there is room for it; once the signal is aborted only what ends the work is sent, and at once. */
  async send(event: Event, transfer: Transferable[]): Promise<void> {
    while (this.#room <= 0 && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#room -= 1;
    this.port.postMessage(event, transfer);
  }

  /** Says that no more follow. */
  end(): void {
    this.port.postMessage(END);
    this.port.close();
  }
}

/** The end of who takes them. */
export class EventReceiver<Event> {
  readonly #events: Event[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(private readonly port: MessagePort) {
    port.onmessage = ({ data }: MessageEvent<Event | typeof END>) => {
      if (data === END) this.end();
      else this.#events.push(data);
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
      const event = this.#events.shift();
      if (event !== undefined) {
        if (!this.#ended) this.port.postMessage(null);
        yield event;
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
