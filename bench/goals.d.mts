/** One engine at one setting: tokens per second of each round, or why it did not run. */
export interface Cell {
  readonly engine: string;
  readonly keep: number;
  readonly tasks: number;
  readonly threads: number;
  readonly speeds?: readonly number[];
  readonly missing?: string;
}

export interface Goal {
  readonly goal: string;
  readonly target: string;
  readonly measured: number | null;
  readonly met: boolean | null;
}

export function judge(
  groups: readonly { readonly name: string; readonly results: readonly Cell[] }[],
  extras: Readonly<Record<string, number>>,
): Goal[];
