import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { checkEps, checkNumber } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface AdadeltaOptions extends CommonOptions {
  /** How much of the averages stays at each step. */
  rho: number;
  eps: number;
  weightDecay: number;
}

const DEFAULTS: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, ...COMMON };

type State = { step: number; squareAvg: Tensor; accDelta: Tensor };

/** Steps as large as recent steps were for recent gradients. */
export class Adadelta extends BuiltInOptimizer<AdadeltaOptions> {
  constructor(params: Params<AdadeltaOptions>, options?: Loose<AdadeltaOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: AdadeltaOptions): void {
    super.checkOptions(options);
    checkEps("Adadelta", options.eps);
    checkNumber("Adadelta", "rho value", options.rho, options.rho >= 0 && options.rho <= 1, "from 0 to 1");
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdadeltaOptions>): void {
    const state = this.stateOf<State>(p, () => ({ step: 0, squareAvg: zerosFor(p), accDelta: zerosFor(p) }));
    state.step++;
    const step = { ...group, sign: signOf(group) };
    const [square, moved] = [state.squareAvg.storage.values, state.accDelta.storage.values];
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.adadelta(values, at, g, gAt, from, to, step, square, moved),
    );
  }
}
