/** Rows and lengths of a batch, padded with 0. */
export interface Feed {
  readonly tokens: number;
  readonly inputs: Readonly<Record<'words' | 'characters' | 'lengths', readonly [data: Int32Array, shape: readonly number[]]>>;
}

export function makeFeeds(
  workload: {
    readonly sentences: readonly { readonly words: readonly number[]; readonly characters: readonly (readonly number[])[] }[];
    readonly batches: Readonly<Record<string, readonly (readonly number[])[]>>;
  },
  order: string,
): Feed[];
