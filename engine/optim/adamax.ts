import type { Tensor } from "../autograd/tensor.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { adamStep } from "./adam.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions } from "./builtIn.ts";
import { checkBetas, checkEps } from "./checks.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface AdamaxOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

const DEFAULTS: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, ...COMMON };

type State = { step: number; expAvg: Tensor; expInf: Tensor };

/** Adam with the largest gradient in place of the average square. */
export class Adamax extends BuiltInOptimizer<AdamaxOptions> {
  constructor(params: Params<AdamaxOptions>, options?: Loose<AdamaxOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: AdamaxOptions): void {
    super.checkOptions(options);
    checkEps("Adamax", options.eps);
    checkBetas("Adamax", options.betas);
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<AdamaxOptions>): void {
    const state = this.stateOf<State>(p, () => ({ step: 0, expAvg: zerosFor(p), expInf: zerosFor(p) }));
    const step = adamStep(group, ++state.step, false);
    const [first, norm] = [state.expAvg.storage.values, state.expInf.storage.values];
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.adamax(values, at, g, gAt, from, to, step, first, norm),
    );
  }
}
