import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { checkNumber } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface SGDOptions extends CommonOptions {
  momentum: number;
  /** How much of the new gradient the momentum does not take. */
  dampening: number;
  weightDecay: number;
  /** Look ahead along the momentum; needs one, and no dampening. */
  nesterov: boolean;
}

const DEFAULTS: SGDOptions = { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, ...COMMON };

type State = { momentumBuffer: Tensor | null };

/** Stochastic gradient descent, with momentum on request. */
export class SGD extends BuiltInOptimizer<SGDOptions> {
  constructor(params: Params<SGDOptions>, options?: Loose<SGDOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: SGDOptions): void {
    super.checkOptions(options);
    const { momentum, dampening, nesterov } = options;
    checkNumber("SGD", "momentum value", momentum, momentum >= 0, "0 or more");
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new ArgumentError("SGD", "Nesterov momentum requires a momentum and zero dampening");
    }
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>): void {
    const step = { ...group, sign: signOf(group) };
    if (group.momentum === 0) {
      overwrite(p, grad, (values, at, g, gAt, from, to) => kernels.sgd(values, at, g, gAt, from, to, step));
      return;
    }
    const state = this.stateOf<State>(p, () => ({ momentumBuffer: null }));
    const first = state.momentumBuffer === null;
    const buffer = state.momentumBuffer ?? zerosFor(p);
    state.momentumBuffer = buffer;
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.sgdMomentum(values, at, g, gAt, from, to, step, buffer.storage.values, first),
    );
  }
}
