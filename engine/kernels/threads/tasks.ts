import type { Matrix } from "../matmul.ts";
import { machine } from "../switch.ts";
import { chunkOf, convolvePart, type Kind, OF_WEIGHT, stepsOf } from "../wasm/convolutionParts.ts";
import { curve } from "../wasm/curve.ts";
import type { UnaryName } from "../wasm/machine.ts";
import { multiply } from "../wasm/product.ts";
import { CONVOLUTION, CURVE, PRODUCT } from "./protocol.ts";

/** Functions of one number that are worth the way to another thread; a task names one by its place. */
export const curves: readonly UnaryName[] = [
  "exp",
  "log",
  "tanh",
  "sigmoid",
  "silu",
  "gelu",
  "geluTanh",
  "elu",
  "softplus",
];

/** Does what a task says to the shared numbers, in which addresses count bytes. Throws when it can't. */
export function perform(task: Float64Array, numbers: SharedArrayBuffer): void {
  const [kind] = task;
  if (kind === PRODUCT) product(task, numbers);
  else if (kind === CURVE) curveOf(task, numbers);
  else if (kind === CONVOLUTION) convolution(task, numbers);
  else throw new Error(`there is no task ${kind}`);
}

function product(task: Float64Array, numbers: SharedArrayBuffer): void {
  const [, bytes, m, k, n, aAt, aRow, aColumn, bAt, bRow, bColumn, outAt, add] = task;
  const values = bytes === 8 ? new Float64Array(numbers) : new Float32Array(numbers);
  const a: Matrix = { values, offset: aAt / bytes, row: aRow, column: aColumn };
  const b: Matrix = { values, offset: bAt / bytes, row: bRow, column: bColumn };
  const wasm = machine();
  const isDone = wasm !== null && multiply(wasm, m, k, n, a, b, values, outAt / bytes, add === 1);
  if (!isDone) throw new Error("the product can't be computed here");
}

function convolution(task: Float64Array, numbers: SharedArrayBuffer): void {
  const [, kind, firstAt, secondAt, outAt, count, batch, channels, features, groups, ...slides] = task;
  const triple = (i: number): [number, number, number] => [slides[i], slides[i + 1], slides[i + 2]];
  const [image, kernel, out, stride, padding, dilation] = [0, 3, 6, 9, 12, 15].map(triple);
  const sliding = { image, kernel, out, stride, padding, dilation };
  const values = new Float32Array(numbers);
  // Of the weight, each chunk gives a result of its own.
  const each = kind === OF_WEIGHT ? chunkOf(batch) : count;
  const sizes = { batch: count, channels, features, groups, sliding };
  const steps = stepsOf(kind as Kind, sizes);
  for (let i = 0, to = outAt; i < count; i += each, to += steps.out) {
    const some = { ...sizes, batch: Math.min(each, count - i) };
    const [from, second] = [firstAt + i * steps.first, secondAt + i * steps.second];
    const isDone = convolvePart(kind as Kind, values, from, values, second, some, batch, values, to, false);
    if (!isDone) throw new Error("the convolution can't be computed here");
  }
}

function curveOf(task: Float64Array, numbers: SharedArrayBuffer): void {
  const [, place, n, at, p, q, r] = task;
  const values = new Float32Array(numbers, at, n);
  const wasm = machine();
  if (wasm === null) throw new Error("there is no WebAssembly");
  curve(wasm, curves[place], values, 0, values, 0, n, p, q, r);
}
