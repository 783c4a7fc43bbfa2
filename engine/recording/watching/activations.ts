import type { OpEvent } from "../../autograd/observer.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { elementsOf } from "./elements.ts";

/** How alive the result of an activation is. */
export interface Liveliness {
  /** Features, and how many of them are zero for every example. */
  readonly units: number;
  readonly dead: number;
  /** Share of elements so near a bound that hardly any gradient passes. */
  readonly saturated: number;
}

/** Activations: the bounds that they only come near to, or null when they give exactly 0 for whatever is too small. */
const activations = new Map<string, readonly [low: number, high: number] | null>([
  ["relu", null],
  ["relu_", null],
  ["relu6", null],
  ["relu6_", null],
  ["sigmoid", [0, 1]],
  ["sigmoid_", [0, 1]],
  ["tanh", [-1, 1]],
  ["tanh_", [-1, 1]],
]);
/** Of the way between the bounds. At this distance a hundredth of the steepest slope is left. */
const NEAR = 0.0025;

/** Looks at the results of activations, at each place and in each module less and less often. */
export class ActivationSampler {
  private readonly seen = new Map<number, number>();

  /** Null when the op is no activation, or this call is not in the sample. `place` tells calls of one kind from others. */
  look({ name, outputs }: OpEvent, place: number): Liveliness | null {
    const bounds = activations.get(name);
    if (bounds === undefined) return null;
    const count = (this.seen.get(place) ?? 0) + 1;
    this.seen.set(place, count);
    if (count > 32 && count % 16 !== 0) return null;
    const [out] = outputs;
    if (out === undefined || out.elements === 0) return null;
    return bounds === null ? deadUnits(out) : { ...NOTHING, saturated: saturation(out, bounds[0], bounds[1]) };
  }
}

const NOTHING: Liveliness = { units: 0, dead: 0, saturated: 0 };

/** A feature is a place in the last dimension, or in the second one of a stack of images; the others count examples. */
function deadUnits(out: Tensor): Liveliness {
  const values = elementsOf(out);
  const { shape } = out;
  const images = shape.length >= 4;
  const units = shape.length === 0 ? 1 : images ? shape[1] : shape[shape.length - 1];
  const inner = images ? shape.slice(2).reduce((product, size) => product * size, 1) : 1;
  const alive = new Uint8Array(units);
  for (let i = 0, unit = 0, left = inner; i < values.length; i++) {
    if (values[i] !== 0) alive[unit] = 1;
    if (--left > 0) continue;
    left = inner;
    if (++unit === units) unit = 0;
  }
  let living = 0;
  for (const one of alive) living += one;
  return { units, dead: units - living, saturated: 0 };
}

function saturation(out: Tensor, low: number, high: number): number {
  const values = elementsOf(out);
  const margin = NEAR * (high - low);
  let near = 0;
  for (let i = 0; i < values.length; i++) if (values[i] < low + margin || values[i] > high - margin) near++;
  return near / values.length;
}
