// One direction of an LSTM layer in f64, one sentence at a time, from the equations.

export interface LstmWeights {
  /** U [4 * hidden][hidden], gate rows i, f, g, o. */
  readonly recurrent: readonly ArrayLike<number>[];
  /** [4 * hidden] */
  readonly bias: ArrayLike<number>;
}

/** Everything of one sentence, [time][hidden unit]; `gates` [time][4 * hidden]. */
export interface LstmTrace {
  readonly gates: number[][];
  readonly h: number[][];
  readonly c: number[][];
  /** h of the step before each token, in the direction of time. */
  readonly hBefore: number[][];
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** W x for one vector. */
export function product(w: readonly ArrayLike<number>[], x: readonly number[]): number[] {
  return w.map((row) => {
    let sum = 0;
    for (let k = 0; k < x.length; k++) sum += row[k]! * x[k]!;
    return sum;
  });
}

/** Runs over the input products `wx` [time][4 * hidden] of a sentence, from its last token when `reverse`. */
export function lstm({ recurrent, bias }: LstmWeights, wx: readonly ArrayLike<number>[], reverse: boolean): LstmTrace {
  const hidden = bias.length / 4;
  const trace: LstmTrace = { gates: [], h: [], c: [], hBefore: [] };
  let h = new Array<number>(hidden).fill(0);
  let c = new Array<number>(hidden).fill(0);
  for (let s = 0; s < wx.length; s++) {
    const t = reverse ? wx.length - 1 - s : s;
    const uh = product(recurrent, h);
    const gates = uh.map((product, r) => {
      const z = wx[t]![r]! + product + bias[r]!;
      return Math.floor(r / hidden) === 2 ? Math.tanh(z) : sigmoid(z);
    });
    trace.hBefore[t] = h;
    c = c.map((before, j) => gates[hidden + j]! * before + gates[j]! * gates[2 * hidden + j]!);
    h = c.map((value, j) => gates[3 * hidden + j]! * Math.tanh(value));
    trace.gates[t] = gates;
    trace.c[t] = c;
    trace.h[t] = h;
  }
  return trace;
}
