import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/adafactor.ts";
import { finfo } from "../ops/numericLimits.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { checkAtLeast, checkAtMost } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

/** Options of `Adafactor`. */
export interface AdafactorOptions extends CommonOptions {
  /** How the share of the newest squares in their averages falls: step t takes t to this power. */
  beta2Decay: number;
  /** The least size of a gradient, null for the dtype's own, and of a parameter, to which the step is proportional. */
  eps: readonly [number | null, number];
  /** An update of a larger root mean square is cut down to it. */
  d: number;
  weightDecay: number;
}

const DEFAULTS: AdafactorOptions = {
  lr: 1e-2,
  beta2Decay: -0.8,
  eps: [null, 1e-3],
  d: 1,
  weightDecay: 0,
  ...COMMON,
};

type State = { step: number; rowVar: Tensor; colVar: Tensor } | { step: number; variance: Tensor };

/** Adam's idea in little memory: of a matrix's squared gradients it keeps the averages of rows and columns alone. */
export class Adafactor extends BuiltInOptimizer<AdafactorOptions> {
  constructor(params: Params<AdafactorOptions>, options?: Loose<AdafactorOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: AdafactorOptions): void {
    const { eps, d } = options;
    checkAtLeast("Adafactor", "Learning rate", options.lr, 0);
    checkAtMost("Adafactor", "beta2_decay", options.beta2Decay, 0);
    if (eps[0] !== null) checkAtLeast("Adafactor", "epsilon1", eps[0], 0);
    checkAtLeast("Adafactor", "epsilon2", eps[1], 0);
    checkAtLeast("Adafactor", "Clipping threshold d", d, 1);
    checkAtLeast("Adafactor", "weight_decay", options.weightDecay, 0);
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdafactorOptions>): void {
    const state = this.stateOf<State>(p, () => emptyState(p));
    const t = ++state.step;
    const { lr, d, weightDecay } = group;
    const { storage, offset } = densely(p);
    // A NaN is not above the least size, so it gives way to it.
    const size = atLeast(group.eps[1], kernels.rootMeanSquare(storage.values, offset, p.elements));
    const update = scaled(grad, state, t ** group.beta2Decay, group.eps[0] ?? finfo(p.dtype).eps);
    const excess = atLeast(1, kernels.rootMeanSquare(update, 0, update.length) / d);
    const step = (signOf(group) * size * Math.min(lr, 1 / Math.sqrt(t))) / excess;
    overwrite(p, grad, (values, at, _grads, _gradsAt, from, to) =>
      kernels.moveBy(values, at, from, to, 1 - lr * weightDecay, step, update),
    );
  }
}

/** Of the averages a matrix, or each of several in a batch, needs one for a row and one for a column. */
function emptyState(p: Tensor): State {
  if (p.shape.length < 2) return { step: 0, variance: zerosFor(p) };
  return { step: 0, rowVar: empty(p.shape.with(-1, 1), p.dtype), colVar: empty(p.shape.with(-2, 1), p.dtype) };
}

/** The gradient in units of its size, of which the state keeps the averages. */
function scaled(grad: Tensor, state: State, weight: number, eps: number): Float64Array {
  const { storage, offset, elements, shape } = densely(grad);
  if ("variance" in state)
    return kernels.scaleBySquares(storage.values, offset, elements, weight, state.variance.storage.values, eps);
  const [rows, columns] = shape.slice(-2);
  const matrices = { count: elements / Math.max(rows * columns, 1), rows, columns };
  const [rowMeans, columnMeans] = [state.rowVar.storage.values, state.colVar.storage.values];
  kernels.averageSquares(storage.values, offset, matrices, weight, rowMeans, columnMeans);
  return kernels.scaleByFactors(storage.values, offset, matrices, rowMeans, columnMeans, eps);
}

const atLeast = (least: number, value: number): number => (value > least ? value : least);
