import { conform } from "../autograd/backward.ts";
import { withGrad } from "../autograd/modes.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
// Every op must have been defined before one is looked up.
import "../ops/methods.ts";
import { type Formula, type Op, ops, type SavedSource } from "../ops/op.ts";

/** A tensor as it was recorded; `values` are row-major, and null where they were not kept. */
export interface RecordedTensor {
  readonly shape: Shape;
  readonly dtype: string;
  readonly values: ArrayLike<number> | null;
}

/** One call of an op, and what its node took and gave in backward. */
export interface RecordedCall {
  /** Public name, `mul` or `mul_`. */
  readonly name: string;
  /** `MulBackward0` */
  readonly node: string;
  readonly attrs: unknown;
  readonly inputs: readonly (RecordedTensor | number | null)[];
  readonly outputs: readonly (RecordedTensor | null)[];
  readonly incoming: readonly (RecordedTensor | null)[];
  readonly outgoing: readonly (RecordedTensor | null)[];
}

/** The derivative of an op's result by one of its inputs, at the values that it was called with. */
export type LocalDerivative =
  /** Each element of the result depends on its own element of the input alone; these are the factors. */
  | { readonly kind: "elementwise"; readonly factors: Float64Array; readonly formula: string | null }
  /** Row-major, a row for each element of the result and a column for each of the input. */
  | {
      readonly kind: "jacobian";
      readonly rows: number;
      readonly columns: number;
      readonly values: Float64Array;
      readonly formula: string | null;
    }
  /** Too many numbers to write out. */
  | { readonly kind: "large"; readonly rows: number; readonly columns: number; readonly formula: string | null }
  /** It can't be told, and why. */
  | { readonly kind: "unknown"; readonly reason: string; readonly formula: string | null };

/** Jacobians up to this many entries are written out. */
const WRITTEN = 4096;
/** More factors than these are written nowhere. */
const FACTORS = 1 << 16;
/** Gradients that differ by more than this part are not the formula's: float32 has seven digits, and sums lose some. */
const SAME_GRADIENT = 1e-3;
/** A product with one factor loses hardly any. */
const SAME_PRODUCT = 1e-5;

/**
 * Derivatives of a recorded call by each input to which its node handed a gradient; null for the others. The op's own
 * formulas compute them, on the recorded values, and are believed only when they give the gradient that was recorded.
 */
export function localDerivatives(call: RecordedCall): (LocalDerivative | null)[] {
  const op = opOf(call);
  return call.outgoing.map((outgoing, input) => {
    if (outgoing === null) return null;
    if (op === null) return unknown("A custom Function: what it multiplies by stands in its own backward.");
    const formula = op.formulas[Math.min(input, op.formulas.length - 1)] ?? null;
    if (formula === null) return null;
    return withGrad(false, () => new Derivation(op, call, formula, input).derive(outgoing));
  });
}

const unknown = (reason: string, formula: string | null = null): LocalDerivative => ({
  kind: "unknown",
  reason,
  formula,
});

/** An op in place is the op itself, written elsewhere. */
function opOf({ name, node }: RecordedCall): Op | null {
  const own = name.replace(/_$/, "");
  const found = [...ops.values()].filter((op) => op.node === node);
  return found.find((op) => op.name === own) ?? found[0] ?? null;
}

/** A tensor that a formula reads was not recorded. */
class NotKept extends Error {}

/** One formula on the values of one call. */
class Derivation implements SavedSource {
  readonly #op: Op;
  readonly #call: RecordedCall;
  readonly #formula: Formula;
  readonly #input: number;

  constructor(op: Op, call: RecordedCall, formula: Formula, input: number) {
    this.#op = op;
    this.#call = call;
    this.#formula = formula;
    this.#input = input;
  }

  derive(outgoing: RecordedTensor): LocalDerivative {
    const text = formulaText(this.#formula);
    try {
      if (this.#givesWhatWasRecorded(outgoing)) return this.#written(outgoing, text);
      return this.#untold(
        "What was handed on was changed, or not all that the op was called with was recorded.",
        outgoing,
        text,
      );
    } catch (error) {
      // Attributes that are no plain values are not recorded, and a formula fails without them.
      const why = error instanceof NotKept ? error.message : "Not all that the op was called with was recorded.";
      return this.#untold(why, outgoing, text);
    }
  }

  /** Of what would be too large to write out anyway, that is reason enough. */
  #untold(reason: string, { shape }: RecordedTensor, formula: string | null): LocalDerivative {
    const rows = sizeOf(this.#call.incoming.find((one) => one !== null)?.shape ?? []);
    const columns = sizeOf(shape);
    return rows * columns > WRITTEN ? { kind: "large", rows, columns, formula } : unknown(reason, formula);
  }

  get attrs(): unknown {
    return this.#call.attrs;
  }

  inputMeta(input: number): { readonly shape: Shape; readonly dtype: DType } {
    const found = this.#call.inputs[input];
    if (found === null || found === undefined || typeof found === "number")
      throw new NotKept("It took no tensor there.");
    return { shape: found.shape, dtype: found.dtype as DType };
  }

  leadsOn(input: number): boolean {
    return this.#call.outgoing[input] !== null && this.#call.outgoing[input] !== undefined;
  }

  unpack(slot: number): Tensor | number | null {
    const at = this.#op.savedAt[slot];
    const found = at >= 0 ? this.#call.inputs[at] : this.#call.outputs[-1 - at];
    if (found === null || found === undefined || typeof found === "number") return found ?? null;
    return rebuilt(found);
  }

  isPacked(): boolean {
    return false;
  }

  #run(gradients: readonly (Tensor | null)[]): Tensor | null {
    const given = this.#formula(new this.#op.context(this, gradients, () => true), this.#input);
    return given === null ? null : conform(given, this.inputMeta(this.#input), { name: this.#op.node }, this.#input);
  }

  #givesWhatWasRecorded(outgoing: RecordedTensor): boolean {
    const given = this.#run(this.#call.incoming.map((one) => (one === null ? null : rebuilt(one))));
    if (outgoing.values === null) throw new NotKept("The gradient that it handed on was too large to keep whole.");
    if (given === null || given.elements !== outgoing.values.length) return false;
    return isClose(given.toArray(), outgoing.values, SAME_GRADIENT);
  }

  #written(outgoing: RecordedTensor, formula: string | null): LocalDerivative {
    const { incoming } = this.#call;
    const [only, second] = incoming.flatMap((one, i) => (one === null ? [] : [i]));
    const result = only === undefined ? null : incoming[only];
    if (only === undefined || result === null || result === undefined || second !== undefined) {
      return unknown("Gradients came from several results at once.", formula);
    }
    const rows = sizeOf(result.shape);
    const columns = sizeOf(outgoing.shape);
    const factors = rows <= FACTORS && rows === columns ? this.#factors(only, result) : null;
    if (factors !== null) return { kind: "elementwise", factors, formula };
    if (rows * columns > WRITTEN) return { kind: "large", rows, columns, formula };
    const values = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      const row = this.#row(only, result, (one) => {
        one[i] = 1;
      });
      values.set(row, i * columns);
    }
    return { kind: "jacobian", rows, columns, values, formula };
  }

  /** The factor of each element, where each depends on its own alone; null where they mix. */
  #factors(output: number, result: RecordedTensor): Float64Array | null {
    const factors = this.#row(output, result, (values) => values.fill(1));
    // Where elements mix, one gradient can hide it, but not a second with another number in each place.
    const other = (i: number): number => 1 + ((i * 0.618034) % 1);
    const given = this.#row(output, result, (values) => {
      for (let i = 0; i < values.length; i++) values[i] = other(i);
    });
    const products = factors.map((factor, i) => factor * other(i));
    return isClose(given, products, SAME_PRODUCT) ? factors : null;
  }

  /** What the formula makes of a gradient for one of the results. */
  #row(
    output: number,
    { shape, dtype }: RecordedTensor,
    fill: (values: Tensor["storage"]["values"]) => void,
  ): Float64Array {
    const gradient = empty(shape, dtype as DType);
    fill(gradient.storage.values);
    const given = this.#run(this.#call.incoming.map((_, i) => (i === output ? gradient : null)));
    return Float64Array.from(given?.toArray() ?? []);
  }
}

function rebuilt({ shape, dtype, values }: RecordedTensor): Tensor {
  if (values === null) throw new NotKept("A tensor that its formula reads was too large to keep whole.");
  const x = empty(shape, dtype as DType);
  x.storage.values.set(values);
  return x;
}

const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** Differences are measured by the largest number: where much cancels, small ones are mostly rounding. */
function isClose(a: ArrayLike<number>, b: ArrayLike<number>, part: number): boolean {
  let scale = 0;
  for (let i = 0; i < b.length; i++) if (Number.isFinite(b[i])) scale = Math.max(scale, Math.abs(b[i]));
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    if (!(Math.abs(a[i] - b[i]) <= part * scale)) return false;
  }
  return true;
}

/** `grad.mul(b)`: a formula that is a single short expression, in its own words; null for any other. */
function formulaText(formula: Formula): string | null {
  const source = formula.toString().replace(/\s+/g, " ");
  const [, body = ""] = /^(?:\([^)]*\)|\w+) ?=> ?([^{].*)$/.exec(source) ?? [];
  const text = body
    .replaceAll(/\bcontext\./g, "")
    .replaceAll(/ ?, ?/g, ", ")
    .trim();
  return text === "" || text.length > 120 ? null : text;
}
