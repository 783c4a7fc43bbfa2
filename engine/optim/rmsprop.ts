import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { checkEps, checkNumber } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface RMSpropOptions extends CommonOptions {
  /** How much of the average square stays at each step. */
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  /** Divide by the standard deviation instead of the root mean square. */
  centered: boolean;
}

const DEFAULTS: RMSpropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  ...COMMON,
};

type State = { step: number; squareAvg: Tensor; gradAvg: Tensor | null; momentumBuffer: Tensor | null };

/** Steps in units of the gradient's recent root mean square. */
export class RMSprop extends BuiltInOptimizer<RMSpropOptions> {
  constructor(params: Params<RMSpropOptions>, options?: Loose<RMSpropOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: RMSpropOptions): void {
    super.checkOptions(options);
    checkEps("RMSprop", options.eps);
    checkNumber("RMSprop", "momentum value", options.momentum, options.momentum >= 0, "0 or more");
    checkNumber("RMSprop", "alpha value", options.alpha, options.alpha >= 0, "0 or more");
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<RMSpropOptions>): void {
    const state = this.stateOf<State>(p, () => ({
      step: 0,
      squareAvg: zerosFor(p),
      gradAvg: group.centered ? zerosFor(p) : null,
      momentumBuffer: group.momentum > 0 ? zerosFor(p) : null,
    }));
    state.step++;
    const step = { ...group, sign: signOf(group) };
    const square = state.squareAvg.storage.values;
    const mean = state.gradAvg?.storage.values ?? null;
    const buffer = state.momentumBuffer?.storage.values ?? null;
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.rmsprop(values, at, g, gAt, from, to, step, square, mean, buffer),
    );
  }
}
