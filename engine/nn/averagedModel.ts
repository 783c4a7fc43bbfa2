import { noGrad } from "../autograd/modes.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { type Loose, withDefaults } from "../base/options.ts";
import { deepcopy } from "./copyModule.ts";
import { Module } from "./module.ts";
import { type AvgFn, getSwaMultiAvgFn, type MultiAvgFn } from "./weightAverages.ts";

interface AveragedModelOptions {
  /** Gives the new average of one parameter. */
  avgFn: AvgFn | null;
  /** Writes the new averages of many parameters of one dtype. */
  multiAvgFn: MultiAvgFn | null;
  /** Average buffers as well, instead of copying them. */
  useBuffers: boolean;
}

/** A copy of a model whose parameters are averages of those that the model had at each `updateParameters`. */
export class AveragedModel<M extends Module = Module> extends Module {
  /** The copy. */
  readonly module: M;
  /** How many models were averaged: a buffer. */
  declare nAveraged: Tensor;
  /** Gives the new average of one parameter; null for equal weights. */
  avgFn: AvgFn | null;
  /** Writes the new averages of many parameters; null for equal weights. */
  multiAvgFn: MultiAvgFn | null;
  /** Whether buffers are averaged as well, instead of copied. */
  useBuffers: boolean;

  constructor(model: M, options: Loose<AveragedModelOptions> = {}) {
    super();
    const defaults: AveragedModelOptions = { avgFn: null, multiAvgFn: null, useBuffers: false };
    const { avgFn, multiAvgFn, useBuffers } = withDefaults("AveragedModel", options, defaults);
    if (avgFn !== null && multiAvgFn !== null)
      throw new ArgumentError("AveragedModel", "Only one of avgFn and multiAvgFn should be provided");
    this.module = deepcopy(model);
    this.registerBuffer("nAveraged", empty([], "int64"));
    this.avgFn = avgFn;
    this.multiAvgFn = multiAvgFn;
    this.useBuffers = useBuffers;
  }

  override forward(...inputs: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return this.module.forward(...inputs) as ReturnType<M["forward"]>;
  }

  /** Takes the parameters that `model` has now into the average; the first time, copies them. */
  updateParameters(model: Module): void {
    noGrad(() => {
      const [averages, current] = [this.module, model].map((each) => averagedOf(each, this.useBuffers));
      if (this.nAveraged.item() === 0) copyEach(averages, current);
      else this.average(averages, current);
      if (!this.useBuffers) copyEach(this.module.buffers(), model.buffers());
      this.nAveraged.add_(1);
    });
  }

  private average(averages: readonly Tensor[], current: readonly Tensor[]): void {
    const { avgFn, nAveraged } = this;
    if (avgFn !== null) {
      averages.forEach((x, i) => void x.copy_(avgFn(x, current[i], nAveraged)));
      return;
    }
    const multiAvgFn = this.multiAvgFn ?? getSwaMultiAvgFn();
    for (const dtype of new Set(averages.map((x) => x.dtype))) {
      const ofDType = (_: unknown, i: number): boolean => averages[i].dtype === dtype;
      multiAvgFn(averages.filter(ofDType), current.filter(ofDType), nAveraged);
    }
  }
}

const averagedOf = (module: Module, withBuffers: boolean): Tensor[] =>
  [...module.parameters(), ...(withBuffers ? module.buffers() : [])].map((x) => x.detach());

function copyEach(targets: readonly Tensor[], sources: readonly Tensor[]): void {
  targets.forEach((target, i) => void target.copy_(sources[i]));
}
