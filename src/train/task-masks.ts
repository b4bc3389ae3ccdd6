import { allOnes } from '../evaluate/mask-bits.js';
import type { Network } from '../model/network.js';
import { lstmName } from '../model/parameters.js';
import { MASK_BITS } from '../runtime/layout.js';
import type { Runtime } from '../runtime/runtime.js';
import type { MaskGroup } from './optimizer.js';

/**
 * The masks of a network's tasks in kernel memory, each over the whole prunable plane. A task without a mask keeps
 * everything, and kernels are told so with address 0.
 */
export class TaskMasks {
  readonly words: number;
  readonly #pointers: readonly number[];
  readonly #union: number;
  readonly #scratch: number;
  readonly #masked: boolean[];

  /** @param indexed whether passes under the masks shall skip pruned weights */
  constructor(
    private readonly runtime: Runtime,
    private readonly network: Network,
    indexed = true,
  ) {
    const { arena, kernels } = runtime;
    const { end } = network.table.prunable;
    this.words = end / MASK_BITS;
    this.#pointers = network.shape.tasks.map(({ name }) => arena.allocateWords(`mask ${name}`, this.words));
    this.#union = arena.allocateWords('mask union', this.words);
    this.#scratch = arena.allocate('pruning scratch', kernels.pruneScratchBytes());
    this.#masked = network.shape.tasks.map(() => false);
    if (!indexed) return;
    network.shape.tasks.forEach(({ name }, task) => {
      network.reserveIndex(this.#pointers[task]!, `index ${name}`);
    });
  }

  /** Address of a task's mask for kernels, 0 = all kept. */
  pointer(task: number): number {
    return this.#masked[task] ? this.#pointers[task]! : 0;
  }

  /** A task's mask, or null where it keeps all. */
  get(task: number): Uint32Array | null {
    return this.#masked[task] ? this.runtime.arena.u32(this.#pointers[task]!, this.words).slice() : null;
  }

  set(task: number, bits: Uint32Array | null): void {
    this.#masked[task] = bits !== null;
    if (!bits) return;
    this.runtime.arena.u32(this.#pointers[task]!, this.words).set(bits);
    this.network.indexMask(this.#pointers[task]!);
  }

  kept(task: number): number {
    return this.#masked[task] ? this.runtime.kernels.maskCount(this.#pointers[task]!, this.words) : this.network.table.prunableCount;
  }

  /** A mask that keeps every weight and no padding. */
  allKept(): Uint32Array {
    const bits = new Uint32Array(this.words);
    for (const { offset, size } of this.network.table.parameters) {
      if (offset < this.network.table.prunable.end) bits.set(allOnes(size), offset / MASK_BITS);
    }
    return bits;
  }

  /** A mask that keeps all up to BiLSTM layer `depth`. */
  keptUpTo(depth: number): Uint32Array {
    const bits = this.allKept();
    const { parameters, prunable } = this.network.table;
    const above = parameters.find(({ name }) => name === lstmName(depth, 'forward', 'input'));
    return above ? bits.fill(0, above.offset / MASK_BITS, prunable.end / MASK_BITS) : bits;
  }

  /** Magnitude pruning of the present weights under the task's mask, to exactly `keep` kept weights. */
  prune(task: number, keep: number): void {
    const { kernels } = this.runtime;
    if (!this.#masked[task]) this.set(task, this.allKept());
    const mask = this.#pointers[task]!;
    kernels.pruneByMagnitude(this.#union, this.network.parameters, mask, this.network.table.prunable.end, keep, this.#scratch);
    this.set(task, this.runtime.arena.u32(this.#union, this.words));
  }

  /** Sets weights that none of `tasks` keeps to +0. */
  applyUnion(tasks: readonly number[]): void {
    if (tasks.some((task) => !this.#masked[task])) return;
    const { kernels, arena } = this.runtime;
    arena.u32(this.#union, this.words).fill(0);
    for (const task of tasks) kernels.maskUnite(this.#union, this.#union, this.#pointers[task]!, this.words);
    kernels.maskApply(this.network.parameters, this.#union, this.network.table.prunable.end);
  }

  /**
   * Divides the kept weights by the set of tasks that keep them, for per-weight step counts.
   * @param take gives kernel memory for a mask of `words` words
   */
  groups(tasks: readonly number[], take: (index: number) => number): MaskGroup[] {
    if (tasks.every((task) => !this.#masked[task])) return [{ tasks, mask: 0 }];
    const { arena } = this.runtime;
    const masks = tasks.map((task) => this.get(task) ?? this.allKept());
    const members = new Map<number, Uint32Array>();
    for (let set = 1; set < 1 << tasks.length; set++) {
      const bits = masks[0]!.map((_, w) => masks.reduce((all, mask, t) => all & (set & (1 << t) ? mask[w]! : ~mask[w]!), -1));
      if (bits.some((word) => word !== 0)) members.set(set, bits);
    }
    return Array.from(members, ([set, bits], index) => {
      const mask = take(index);
      arena.u32(mask, this.words).set(bits);
      return { tasks: tasks.filter((_, t) => set & (1 << t)), mask };
    });
  }
}
