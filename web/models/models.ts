import type { ModelSummary, Session, SessionTagger } from 'sparsetag';

/** A model that the page has loaded. */
export interface PageModel {
  readonly name: string;
  readonly file: Blob;
  readonly tagger: SessionTagger;
  /** What its masks keep, read when it is first asked for. */
  summary(): Promise<ModelSummary>;
}

/** The models of the page, and the one that is in use. */
export class Models {
  readonly #models: PageModel[] = [];
  readonly #listeners: (() => void)[] = [];
  #current: PageModel | null = null;

  /** @param session that starts while the page is shown already */
  constructor(private readonly session: Promise<Session>) {}

  get all(): readonly PageModel[] {
    return this.#models;
  }

  get current(): PageModel | null {
    return this.#current;
  }

  /** `changed` is told when a model was added or another one is in use. */
  watch(changed: () => void): void {
    this.#listeners.push(changed);
  }

  /**
   * Loads a model file and puts it to use; one that is there already is only put to use.
   * @throws {ModelFileError} and those of loading
   */
  async add(name: string, file: Blob): Promise<PageModel> {
    const session = await this.session;
    const tagger = await session.load(file);
    const known = this.#models.find((model) => model.tagger.fingerprint === tagger.fingerprint);
    if (known) {
      tagger.dispose();
      this.use(known);
      return known;
    }
    let summary: Promise<ModelSummary> | null = null;
    const model: PageModel = {
      name,
      file,
      tagger,
      summary: () => {
        summary ??= session.inspect(file);
        return summary;
      },
    };
    this.#models.push(model);
    this.use(model);
    return model;
  }

  use(model: PageModel): void {
    this.#current = model;
    for (const changed of this.#listeners) changed();
  }
}
