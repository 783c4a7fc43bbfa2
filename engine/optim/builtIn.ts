import { type Loose, withDefaults } from "../base/options.ts";
import { checkDecay, checkRate } from "./checks.ts";
import { Optimizer } from "./optimizer.ts";
import type { Params } from "./paramGroups.ts";

/** Options that every optimizer of the engine but LBFGS takes. */
export interface CommonOptions {
  /** The learning rate. */
  lr: number;
  /** Climb instead of descend. */
  maximize: boolean;
  /** Taken and ignored, because they change only how PyTorch computes: every update here is one fused loop. */
  foreach: boolean | null;
  fused: boolean | null;
  capturable: boolean;
}

export const COMMON = { maximize: false, foreach: null, fused: null, capturable: false } as const;

/** What the optimizers of the engine share: known options, checked. */
export abstract class BuiltInOptimizer<O extends CommonOptions & { weightDecay?: number }> extends Optimizer<O> {
  constructor(params: Params<O>, options: Loose<O> | undefined, defaults: O) {
    super(params, withDefaults(new.target.name, options, defaults));
  }

  protected override knowsItsOptions(): boolean {
    return true;
  }

  protected override checkOptions(options: O): void {
    checkRate(this.constructor.name, options.lr);
    if (options.weightDecay !== undefined) checkDecay(this.constructor.name, options.weightDecay);
  }
}

/** -1 for climbing. */
export const signOf = (options: CommonOptions): number => (options.maximize ? -1 : 1);
