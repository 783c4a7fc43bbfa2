import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { adamStep } from "./adam.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions } from "./builtIn.ts";
import { checkBetas, checkEps, checkNumber } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface NAdamOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** How fast the momentum warms up. */
  momentumDecay: number;
  decoupledWeightDecay: boolean;
}

const DEFAULTS: NAdamOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  ...COMMON,
};

type State = { step: number; muProduct: number; expAvg: Tensor; expAvgSq: Tensor };

/** Adam with Nesterov's look ahead. */
export class NAdam extends BuiltInOptimizer<NAdamOptions> {
  constructor(params: Params<NAdamOptions>, options?: Loose<NAdamOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: NAdamOptions): void {
    super.checkOptions(options);
    checkEps("NAdam", options.eps);
    checkBetas("NAdam", options.betas);
    checkNumber("NAdam", "momentum_decay value", options.momentumDecay, options.momentumDecay >= 0, "0 or more");
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<NAdamOptions>): void {
    const state = this.stateOf<State>(p, () => ({ step: 0, muProduct: 1, expAvg: zerosFor(p), expAvgSq: zerosFor(p) }));
    const step = adamStep(group, ++state.step, group.decoupledWeightDecay);
    const mu = momentumAt(state.step, group);
    const next = momentumAt(state.step + 1, group);
    state.muProduct *= mu;
    const towardGrad = (group.lr * (1 - mu)) / (1 - state.muProduct);
    // PyTorch 1.13 counts mu twice in the product that looks ahead (2.x once); its recorded trajectories hold us to it.
    const towardMoment = (group.lr * next) / (1 - state.muProduct * mu * next);
    const [first, second] = [state.expAvg.storage.values, state.expAvgSq.storage.values];
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.nadam(values, at, g, gAt, from, to, step, towardGrad, towardMoment, first, second),
    );
  }
}

const momentumAt = (t: number, { betas, momentumDecay }: NAdamOptions): number =>
  betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
