import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { checkEps, checkNumber } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface AdagradOptions extends CommonOptions {
  lrDecay: number;
  weightDecay: number;
  initialAccumulatorValue: number;
  eps: number;
}

const DEFAULTS: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  ...COMMON,
};

type State = { step: number; sum: Tensor };

/** Steps that shrink with all gradients an element has seen. */
export class Adagrad extends BuiltInOptimizer<AdagradOptions> {
  constructor(params: Params<AdagradOptions>, options?: Loose<AdagradOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: AdagradOptions): void {
    super.checkOptions(options);
    const { lrDecay, initialAccumulatorValue: start } = options;
    checkEps("Adagrad", options.eps);
    checkNumber("Adagrad", "lr_decay value", lrDecay, lrDecay >= 0, "0 or more");
    checkNumber("Adagrad", "initial_accumulator_value value", start, start >= 0, "0 or more");
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdagradOptions>): void {
    const state = this.stateOf<State>(p, () => {
      const sum = zerosFor(p);
      sum.storage.values.fill(group.initialAccumulatorValue);
      return { step: 0, sum };
    });
    const decayed = group.lr / (1 + state.step++ * group.lrDecay);
    const step = { lr: decayed, weightDecay: group.weightDecay, sign: signOf(group), eps: group.eps };
    const sum = state.sum.storage.values;
    overwrite(p, grad, (values, at, g, gAt, from, to) => kernels.adagrad(values, at, g, gAt, from, to, step, sum));
  }
}
