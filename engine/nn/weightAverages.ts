import { noGrad } from "../autograd/modes.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";

/** The new average of one parameter, from that so far, the parameter, and of how many models it is. */
export type AvgFn = (averaged: Tensor, current: Tensor, numAveraged: Tensor) => Tensor;

/** Writes the new averages of many parameters of one dtype into those so far. */
export type MultiAvgFn = (averaged: readonly Tensor[], current: readonly Tensor[], numAveraged: Tensor) => void;

/** For an exponential moving average: decay · average + (1 − decay) · parameter. */
export function getEmaAvgFn(decay = 0.999): AvgFn {
  checkDecay("getEmaAvgFn", decay);
  return (averaged, current) => noGrad(() => averaged.mul(decay).add(current.mul(1 - decay)));
}

/** The same for many parameters at once, in place. */
export function getEmaMultiAvgFn(decay = 0.999): MultiAvgFn {
  checkDecay("getEmaMultiAvgFn", decay);
  return eachByWeight(() => 1 - decay, getEmaAvgFn(decay));
}

/** For an average of equal weights: average + (parameter − average) / (n + 1). */
export function getSwaAvgFn(): AvgFn {
  return (averaged, current, numAveraged) =>
    noGrad(() => averaged.add(current.sub(averaged).div(numAveraged.item() + 1)));
}

/** The same for many parameters at once, in place. */
export function getSwaMultiAvgFn(): MultiAvgFn {
  return eachByWeight((numAveraged) => 1 / (numAveraged + 1), getSwaAvgFn());
}

/** Moves each average by the weight of what is new; integers, which `lerp` does not take, by `whole`, cut off. */
function eachByWeight(weight: (numAveraged: number) => number, whole: AvgFn): MultiAvgFn {
  return (averaged, current, numAveraged) =>
    noGrad(() => {
      averaged.forEach((x, i) => {
        if (isFloat(x.dtype)) x.lerp_(current[i], weight(numAveraged.item()));
        else x.copy_(whole(x, current[i], numAveraged));
      });
    });
}

function checkDecay(op: string, decay: number): void {
  if (decay >= 0 && decay <= 1) return;
  throw new ArgumentError(op, `Invalid decay value ${decay} provided. Please provide a value in [0,1] range.`);
}
