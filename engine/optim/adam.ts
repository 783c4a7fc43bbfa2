import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { checkBetas, checkEps } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface AdamOptions extends CommonOptions {
  /** How much of the averages of the gradient and of its square stays at each step. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  eps: number;
  weightDecay: number;
  /** Divide by the largest second moment so far. */
  amsgrad: boolean;
}

/** Options of `Adam`. */
export interface AdamOnlyOptions extends AdamOptions {
  /** Let the weights decay by themselves, as AdamW does. */
  decoupledWeightDecay: boolean;
}

const DEFAULTS: AdamOptions = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, ...COMMON };

type State = { step: number; expAvg: Tensor; expAvgSq: Tensor; maxExpAvgSq: Tensor | null };

abstract class AdamBase<O extends AdamOptions> extends BuiltInOptimizer<O> {
  protected abstract decoupled(group: O): boolean;

  protected override checkOptions(options: O): void {
    super.checkOptions(options);
    checkEps(this.constructor.name, options.eps);
    checkBetas(this.constructor.name, options.betas);
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<O>): void {
    const state = this.stateOf<State>(p, () => ({
      step: 0,
      expAvg: zerosFor(p),
      expAvgSq: zerosFor(p),
      maxExpAvgSq: group.amsgrad ? zerosFor(p) : null,
    }));
    const step = adamStep(group, ++state.step, this.decoupled(group));
    const [first, second] = [state.expAvg.storage.values, state.expAvgSq.storage.values];
    const largest = group.amsgrad ? (state.maxExpAvgSq?.storage.values ?? null) : null;
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.adam(values, at, g, gAt, from, to, step, first, second, largest),
    );
  }
}

/** Adam: steps along the average gradient, in units of its average size. */
export class Adam extends AdamBase<AdamOnlyOptions> {
  constructor(params: Params<AdamOnlyOptions>, options?: Loose<AdamOnlyOptions>) {
    super(params, options, { ...DEFAULTS, decoupledWeightDecay: false });
  }

  protected override decoupled(group: AdamOnlyOptions): boolean {
    return group.decoupledWeightDecay;
  }
}

/** Adam whose weights decay by themselves instead of through the gradient. */
export class AdamW extends AdamBase<AdamOptions> {
  constructor(params: Params<AdamOptions>, options?: Loose<AdamOptions>) {
    super(params, options, { ...DEFAULTS, weightDecay: 1e-2 });
  }

  protected override decoupled(): boolean {
    return true;
  }
}

interface MomentOptions extends CommonOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

/** The numbers of step `t`, counted from 1. */
export function adamStep(group: MomentOptions, t: number, decoupled: boolean): kernels.AdamStep {
  const [beta1, beta2] = group.betas;
  return {
    lr: group.lr,
    weightDecay: group.weightDecay,
    sign: signOf(group),
    eps: group.eps,
    beta1,
    beta2,
    correction1: 1 - beta1 ** t,
    correction2: 1 - beta2 ** t,
    decoupled,
  };
}
