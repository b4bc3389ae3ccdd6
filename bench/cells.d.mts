import type { Cell } from './goals.mjs';

export const GROUPS: readonly { readonly name: string; readonly cells: readonly Cell[] }[];
