import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { adamStep } from "./adam.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions } from "./builtIn.ts";
import { checkBetas, checkEps } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface RAdamOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  decoupledWeightDecay: boolean;
}

const DEFAULTS: RAdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  ...COMMON,
};

type State = { step: number; expAvg: Tensor; expAvgSq: Tensor };

/** Adam that trusts the average square only once enough gradients made it. */
export class RAdam extends BuiltInOptimizer<RAdamOptions> {
  constructor(params: Params<RAdamOptions>, options?: Loose<RAdamOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: RAdamOptions): void {
    super.checkOptions(options);
    checkEps("RAdam", options.eps);
    checkBetas("RAdam", options.betas);
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<RAdamOptions>): void {
    const state = this.stateOf<State>(p, () => ({ step: 0, expAvg: zerosFor(p), expAvgSq: zerosFor(p) }));
    const step = adamStep(group, ++state.step, group.decoupledWeightDecay);
    const factor = rectification(state.step, step.beta2);
    const [first, second] = [state.expAvg.storage.values, state.expAvgSq.storage.values];
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.radam(values, at, g, gAt, from, to, step, factor, first, second),
    );
  }
}

/** The paper's r at step t, or null while the approximated length of the average is 5 or less. */
function rectification(t: number, beta2: number): number | null {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * t * beta2 ** t) / (1 - beta2 ** t);
  if (length <= 5) return null;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}
