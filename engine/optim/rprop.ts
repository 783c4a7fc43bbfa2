import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose } from "../base/options.ts";
import * as kernels from "../kernels/optimizers.ts";
import { BuiltInOptimizer, COMMON, type CommonOptions, signOf } from "./builtIn.ts";
import { overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

export interface RpropOptions extends CommonOptions {
  /** What a step size is multiplied by when the gradient's sign turns, and when it stays. */
  etas: readonly [number, number];
  /** The smallest and the largest step size. */
  stepSizes: readonly [number, number];
}

const DEFAULTS: RpropOptions = { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], ...COMMON };

type State = { step: number; prev: Tensor; stepSize: Tensor };

/** Follows the sign of the gradient with a step size per element; for whole batches. */
export class Rprop extends BuiltInOptimizer<RpropOptions> {
  constructor(params: Params<RpropOptions>, options?: Loose<RpropOptions>) {
    super(params, options, DEFAULTS);
  }

  protected override checkOptions(options: RpropOptions): void {
    super.checkOptions(options);
    const [minus, plus] = options.etas;
    if (!(minus > 0 && minus < 1 && plus > 1)) {
      throw new ArgumentError(
        "Rprop",
        `Invalid eta values: ${minus}, ${plus}. The first must be between 0 and 1, the second above 1.`,
      );
    }
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<RpropOptions>): void {
    const state = this.stateOf<State>(p, () => {
      const stepSize = zerosFor(p);
      stepSize.storage.values.fill(group.lr);
      return { step: 0, prev: zerosFor(p), stepSize };
    });
    state.step++;
    const [etaMinus, etaPlus] = group.etas;
    const [smallest, largest] = group.stepSizes;
    const step = { sign: signOf(group), etaMinus, etaPlus, smallest, largest };
    const [previous, sizes] = [state.prev.storage.values, state.stepSize.storage.values];
    overwrite(p, grad, (values, at, g, gAt, from, to) =>
      kernels.rprop(values, at, g, gAt, from, to, step, previous, sizes),
    );
  }
}
