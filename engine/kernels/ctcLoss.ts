import type { TypedArray } from "../base/dtype.ts";

/** One sequence: log-probabilities of `classes` at `steps` times, `stride` elements apart, and its labels. */
export interface CtcSequence {
  readonly logs: TypedArray;
  readonly offset: number;
  readonly stride: number;
  readonly steps: number;
  readonly classes: number;
  readonly labels: readonly number[];
  readonly blank: number;
}

/**
 * Minus the log-likelihood of the labels, summed over all alignments with blanks between (Graves 2006). Adds its
 * derivative in the log-probabilities, times `scale`, to `grad` at the same places.
 */
export function ctcLoss(sequence: CtcSequence, grad: TypedArray | null, scale: number): number {
  const { logs, offset, stride, steps, classes, labels, blank } = sequence;
  const states = 2 * labels.length + 1;
  const symbol = Int32Array.from({ length: states }, (_, s) => (s % 2 === 0 ? blank : labels[(s - 1) >> 1]));
  const forward = forwardPass(sequence, symbol);
  const last = (steps - 1) * states;
  const end = steps === 0 ? (states === 1 ? 0 : Number.NEGATIVE_INFINITY) : forward[last + states - 1];
  const total = steps === 0 || states === 1 ? end : logAdd(end, forward[last + states - 2]);
  if (grad === null || total === Number.NEGATIVE_INFINITY) return -total;
  const backward = backwardPass(sequence, symbol);
  const posterior = new Float64Array(classes);
  for (let t = 0; t < steps; t++) {
    const row = offset + t * stride;
    posterior.fill(0);
    for (let s = 0; s < states; s++) {
      const path = forward[t * states + s] + backward[t * states + s];
      if (path === Number.NEGATIVE_INFINITY) continue;
      // Both passes count the symbol at this time.
      posterior[symbol[s]] += Math.exp(path - logs[row + symbol[s]] - total);
    }
    for (let c = 0; c < classes; c++) grad[row + c] -= scale * posterior[c];
  }
  return -total;
}

/** log of the probability of all alignments of the first states that end in state s at time t. */
function forwardPass({ logs, offset, stride, steps }: CtcSequence, symbol: Int32Array): Float64Array {
  const states = symbol.length;
  const table = new Float64Array(steps * states).fill(Number.NEGATIVE_INFINITY);
  for (let t = 0; t < steps; t++) {
    const row = offset + t * stride;
    for (let s = 0; s < states; s++) {
      if (t === 0) {
        if (s < 2) table[s] = logs[row + symbol[s]];
        continue;
      }
      const before = (t - 1) * states + s;
      let total = table[before];
      if (s > 0) total = logAdd(total, table[before - 1]);
      if (s > 1 && skips(symbol, s)) total = logAdd(total, table[before - 2]);
      table[t * states + s] = total + logs[row + symbol[s]];
    }
  }
  return table;
}

/** log of the probability of all alignments of the remaining states that start in state s at time t. */
function backwardPass({ logs, offset, stride, steps }: CtcSequence, symbol: Int32Array): Float64Array {
  const states = symbol.length;
  const table = new Float64Array(steps * states).fill(Number.NEGATIVE_INFINITY);
  for (let t = steps - 1; t >= 0; t--) {
    const row = offset + t * stride;
    for (let s = states - 1; s >= 0; s--) {
      if (t === steps - 1) {
        if (s >= states - 2) table[t * states + s] = logs[row + symbol[s]];
        continue;
      }
      const after = (t + 1) * states + s;
      let total = table[after];
      if (s + 1 < states) total = logAdd(total, table[after + 1]);
      if (s + 2 < states && skips(symbol, s + 2)) total = logAdd(total, table[after + 2]);
      table[t * states + s] = total + logs[row + symbol[s]];
    }
  }
  return table;
}

/** Whether an alignment may leave out the blank before state s: only between different labels. */
const skips = (symbol: Int32Array, s: number): boolean => s % 2 === 1 && symbol[s] !== symbol[s - 2];

function logAdd(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === Number.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(-Math.abs(a - b)));
}
