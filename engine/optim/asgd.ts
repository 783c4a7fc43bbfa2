import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface ASGDOptions extends CommonOptions {
  /** How fast the parameters decay. */
  lambd: number;
  /** The power by which the rate falls. */
  alpha: number;
  /** The step from which on the average is taken. */
  t0: number;
  weightDecay: number;
}

const DEFAULTS: ASGDOptions = { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, ...COMMON };

type State = { step: number; eta: number; mu: number; ax: Tensor };

/** SGD that keeps the average of its parameters in `state.get(p).ax`. */
export class ASGD extends BuiltInOptimizer<ASGDOptions> {
  constructor(params: Params<ASGDOptions>, options?: Loose<ASGDOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<ASGDOptions>): void {
    const state = this.stateOf<State>(p, () => ({ step: 0, eta: group.lr, mu: 1, ax: zerosFor(p) }));
    state.step++;
    const step = { ...group, sign: signOf(group), eta: state.eta, share: state.mu };
    const average = state.ax.storage.values;
    overwrite(p, grad, (values, at, g, gAt, from, to) => kernels.asgd(values, at, g, gAt, from, to, step, average));
    state.eta = group.lr / (1 + group.lambd * group.lr * state.step) ** group.alpha;
    state.mu = 1 / Math.max(1, state.step - group.t0);
  }
}
