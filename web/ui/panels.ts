import { notify } from './notices.js';

/** A panel of a tab; it draws only while it is shown. */
export interface Panel {
  show(isShown: boolean): void;
  /** Draws again, in other colours. */
  redraw?(): void;
}

/** Panels whose scripts are loaded when they are first shown, or after all else: text can be typed before. */
export class Panels {
  readonly #loaded = new Map<string, Panel>();
  readonly #loading = new Map<string, Promise<void>>();
  #chosen = '';

  /** @param loaders by the names of their tabs; tabs that are not among them need nothing */
  constructor(private readonly loaders: Readonly<Record<string, () => Promise<Panel>>>) {}

  /** Shows a panel and hides the others; resolves when it is there. */
  async choose(name: string): Promise<void> {
    this.#chosen = name;
    for (const [own, panel] of this.#loaded) panel.show(own === name);
    if (this.loaders[name]) await this.#once(name);
  }

  /** Loads those that were not shown yet, so that they are there at once, and without a network. */
  async loadAll(): Promise<void> {
    for (const name of Object.keys(this.loaders)) await this.#once(name);
  }

  redraw(): void {
    for (const panel of this.#loaded.values()) panel.redraw?.();
  }

  #once(name: string): Promise<void> {
    const loading = this.#loading.get(name) ?? this.#load(name);
    this.#loading.set(name, loading);
    return loading;
  }

  async #load(name: string): Promise<void> {
    try {
      const panel = await this.loaders[name]!();
      this.#loaded.set(name, panel);
      panel.show(this.#chosen === name);
    } catch {
      this.#loading.delete(name);
      notify('This part of the page could not be loaded: the network is gone, or the site has a new build. Load the page again.', 'fault');
    }
  }
}
