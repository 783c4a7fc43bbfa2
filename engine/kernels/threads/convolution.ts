import type { TypedArray } from "../../base/dtype.ts";
import { volume } from "../columns.ts";
import type { ConvolutionSizes } from "../convolution.ts";
import { limits } from "../switch.ts";
import { chunkOf, convolvePart, type Kind, OF_WEIGHT, stepsOf } from "../wasm/convolutionParts.ts";
import { CONVOLUTION } from "./protocol.ts";
import { type Team, team } from "./team.ts";

/** A convolution, or one of its gradients, of a batch. */
interface Convolution {
  readonly kind: Kind;
  readonly first: TypedArray;
  readonly fo: number;
  readonly second: TypedArray;
  readonly so: number;
  readonly sizes: ConvolutionSizes;
  readonly out: TypedArray;
}

/** Images that one thread computes: whole chunks, but for the last. */
interface Part {
  readonly image: number;
  readonly count: number;
}

/** As `convolvePart` of the whole batch, in all threads there are; false when it is too small, or there is only one. */
export function convolveTogether(
  kind: Kind,
  first: TypedArray,
  fo: number,
  second: TypedArray,
  so: number,
  sizes: ConvolutionSizes,
  out: TypedArray,
): boolean {
  const { batch, channels, features, groups, sliding } = sizes;
  const work = batch * volume(sliding.out) * features * (channels / groups) * volume(sliding.kernel);
  if (work < limits.sharedProduct || batch < 2) return false;
  const helpers = team();
  if (helpers === null) return false;
  for (const values of [first, second, out]) if (!(values instanceof Float32Array)) return false;
  const convolution = { kind, first, fo, second, so, sizes, out };
  const parts = partsOf(batch, helpers.threads);
  const copied = parts.slice(1).reduce((sum, part) => sum + roomFor(convolution, part), 0);
  if (copied > helpers.f32.length || work < limits.sharedProductPerCopy * copied) return false;
  return compute(helpers, convolution, parts);
}

function partsOf(batch: number, threads: number): Part[] {
  const chunk = chunkOf(batch);
  const each = Math.ceil(Math.ceil(batch / chunk) / threads) * chunk;
  const parts: Part[] = [];
  for (let image = 0; image < batch; image += each) parts.push({ image, count: Math.min(each, batch - image) });
  return parts;
}

/** Results of a part: one for each image or, of the weight, for each chunk. */
const resultsOf = ({ kind, sizes }: Convolution, { count }: Part): number =>
  kind === OF_WEIGHT ? Math.ceil(count / chunkOf(sizes.batch)) : count;

function roomFor(convolution: Convolution, part: Part): number {
  const { kind, sizes } = convolution;
  const { first, second, out } = stepsOf(kind, sizes);
  const images = kind === OF_WEIGHT ? part.count : 1;
  return part.count * first + images * second + resultsOf(convolution, part) * out;
}

function compute(helpers: Team, convolution: Convolution, [own, ...parts]: readonly Part[]): boolean {
  const { kind, first, fo, second, so, sizes, out } = convolution;
  const { f32 } = helpers;
  const steps = stepsOf(kind, sizes);
  let free = 0;
  const bring = (values: TypedArray, from: number, length: number): number => {
    const at = free;
    f32.set(values.subarray(from, from + length), at);
    free += length;
    return at;
  };
  const results: number[] = [];
  const weight = kind === OF_WEIGHT ? 0 : bring(second, so, steps.second);
  const tasks = parts.map((part) => {
    const { image, count } = part;
    const firstAt = bring(first, fo + image * steps.first, count * steps.first);
    const secondAt = kind === OF_WEIGHT ? bring(second, so + image * steps.second, count * steps.second) : weight;
    results.push(free);
    const task = [CONVOLUTION, kind, firstAt, secondAt, free, count, ...describe(sizes)];
    free += resultsOf(convolution, part) * steps.out;
    return task;
  });
  let isPossible = true;
  const isDone = helpers.run(tasks, () => {
    isPossible = computeHere(convolution, own);
  });
  // What helpers have done is of no use then: the caller has another way for all of it.
  if (!isPossible) return false;
  parts.forEach((part, p) => {
    if (!isDone[p]) computeHere(convolution, part);
    else if (kind === OF_WEIGHT) addAll(f32, results[p], resultsOf(convolution, part), out, steps.out);
    else out.set(f32.subarray(results[p], results[p] + part.count * steps.out), part.image * steps.out);
  });
  return true;
}

/** The sizes as numbers of a task: whole batch, channels, features, groups, and how the kernel slides. */
function describe({ batch, channels, features, groups, sliding: s }: ConvolutionSizes): number[] {
  const slides = [...s.image, ...s.kernel, ...s.out, ...s.stride, ...s.padding, ...s.dilation];
  return [batch, channels, features, groups, ...slides];
}

/** Adds gradients of the weight, chunk by chunk, to `out`. */
function addAll(f32: Float32Array, from: number, count: number, out: TypedArray, n: number): void {
  for (let c = 0, at = from; c < count; c++, at += n) for (let i = 0; i < n; i++) out[i] += f32[at + i];
}

/** Computes a part in this thread. */
function computeHere(convolution: Convolution, { image, count }: Part): boolean {
  const { kind, first, fo, second, so, sizes, out } = convolution;
  const steps = stepsOf(kind, sizes);
  const some = { ...sizes, batch: count };
  const from = fo + image * steps.first;
  const secondFrom = kind === OF_WEIGHT ? so + image * steps.second : so;
  const to = kind === OF_WEIGHT ? 0 : image * steps.out;
  return convolvePart(kind, first, from, second, secondFrom, some, sizes.batch, out, to, image > 0);
}
