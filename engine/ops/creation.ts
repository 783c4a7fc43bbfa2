import { watch } from "../autograd/observer.ts";
import { empty as allocated, elementsOf, fromBuffer, Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { byPosition, readArguments, wholeNumber } from "../base/arguments.ts";
import { allocate, asElement, checkDType, type DType, isFloat, type TypedArray } from "../base/dtype.ts";
import { ArgumentError, checkOptions, DTypeError } from "../base/errors.ts";
import { type Shape, sizesFrom } from "../base/shape.ts";

/** Options of everything that makes a tensor. */
export interface CreateOptions {
  /** Default float32. */
  readonly dtype?: DType;
  /** Record gradients for it. Default false. */
  readonly requiresGrad?: boolean;
}

/** Numbers, booleans, nested arrays or typed arrays of them, or tensors to copy. */
export type TensorData = number | bigint | boolean | TypedArray | BigInt64Array | Tensor | readonly TensorData[];

const CREATE = ["dtype", "requiresGrad"];

/**
 * A tensor from nested arrays, a typed array or a number. Numbers make float32 and booleans bool unless `dtype` says
 * otherwise; typed arrays keep their type. Tensors inside are copied, which cuts their graph.
 */
export function tensor(data: TensorData, options: CreateOptions = {}): Tensor {
  checkOptions("tensor", options, CREATE);
  if (data instanceof Tensor) {
    warn("To copy a tensor, use source.clone().detach() rather than tensor(source): tensor() cuts the graph.");
  }
  const shape = shapeOf(data);
  const found = { dtype: null as DType | null };
  const values: number[] | TypedArray = isTyped(data) ? data : [];
  if (Array.isArray(values)) collect(data, shape, 0, values, found);
  else found.dtype = dtypeOf(values);
  const dtype = options.dtype === undefined ? (found.dtype ?? "float32") : checkDType("tensor", options.dtype);
  const buffer = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) buffer[i] = asElement("tensor", dtype, values[i]);
  const out = finish(fromBuffer(buffer, shape, dtype), options);
  if (watch.observer !== null) reportCopied(data, out);
  return out;
}

/** Whoever watches hears of each tensor that was copied into `out`: no graph leads there. */
function reportCopied(data: TensorData, out: Tensor): void {
  if (data instanceof Tensor) watch.observer?.read?.(data, "tensor", out);
  else if (Array.isArray(data) && typeof data[0] === "object") for (const item of data) reportCopied(item, out);
}

function finish(x: Tensor, options: CreateOptions): Tensor {
  return options.requiresGrad === true ? x.requiresGrad_() : x;
}

const isTyped = (data: TensorData): data is TypedArray => ArrayBuffer.isView(data) && !(data instanceof BigInt64Array);

function dtypeOf(values: TypedArray): DType {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof Int32Array) return "int32";
  return "int64";
}

function shapeOf(data: TensorData): number[] {
  if (data instanceof Tensor) return [...data.shape];
  if (ArrayBuffer.isView(data)) return [(data as TypedArray).length];
  if (!Array.isArray(data)) return [];
  return data.length === 0 ? [0] : [data.length, ...shapeOf(data[0])];
}

function collect(data: TensorData, shape: Shape, depth: number, into: number[], found: { dtype: DType | null }): void {
  const size = shape[depth];
  if (data instanceof Tensor) {
    const values = elementsOf(data);
    for (const value of values) into.push(value);
    found.dtype = data.dtype;
    return;
  }
  if (data instanceof BigInt64Array || ArrayBuffer.isView(data)) {
    checkLength((data as TypedArray).length, size, depth);
    for (const value of data as Iterable<number | bigint>) into.push(Number(value));
    found.dtype ??= data instanceof BigInt64Array ? "int64" : dtypeOf(data as TypedArray);
    return;
  }
  if (Array.isArray(data)) {
    if (size === undefined) throw ragged(depth);
    checkLength(data.length, size, depth);
    for (const item of data) collect(item as TensorData, shape, depth + 1, into, found);
    return;
  }
  if (depth !== shape.length) throw ragged(depth);
  if (typeof data === "boolean") {
    into.push(data ? 1 : 0);
    found.dtype ??= "bool";
  } else if (typeof data === "number") {
    into.push(data);
    if (found.dtype === null || found.dtype === "bool") found.dtype = "float32";
  } else if (typeof data === "bigint") {
    into.push(Number(data));
    if (found.dtype === null || found.dtype === "bool") found.dtype = "int64";
  } else {
    throw new ArgumentError("tensor", `could not read ${data === null ? "null" : typeof data} as a number`);
  }
}

function checkLength(length: number, expected: number | undefined, depth: number): void {
  if (length !== expected)
    throw new ArgumentError("tensor", `expected sequence of length ${expected} at dim ${depth} (got ${length})`);
}

const ragged = (depth: number): ArgumentError =>
  new ArgumentError("tensor", `rows differ in depth at dim ${depth}: every row needs the same nesting`);

/** Sizes as an array or as numbers, and options at the end. */
export type CreateArgs = [shape: Shape, options?: CreateOptions] | (number | CreateOptions)[];

/** Splits `randn(2, 3, { dtype })` or `randn([2, 3], { dtype })` into shape and options. */
export function readCreateArgs(
  op: string,
  args: CreateArgs,
): { shape: number[]; options: CreateOptions; dtype: DType } {
  const list = args as readonly (number | Shape | CreateOptions | undefined)[];
  const sizes: (number | Shape)[] = [];
  let options: CreateOptions = {};
  for (const arg of list) {
    if (typeof arg === "number" || Array.isArray(arg)) sizes.push(arg as number | Shape);
    else if (arg !== undefined) options = arg as CreateOptions;
  }
  checkOptions(op, options, CREATE);
  const shape = sizesFrom(sizes);
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0)
      throw new ArgumentError(op, `invalid size ${size} in [${shape.join(", ")}]`);
  }
  return { shape, options, dtype: options.dtype === undefined ? "float32" : checkDType(op, options.dtype) };
}

/** Zeros of a shape. */
export function zeros(...args: CreateArgs): Tensor {
  const { shape, options, dtype } = readCreateArgs("zeros", args);
  return finish(allocated(shape, dtype), options);
}

/** Ones of a shape. */
export function ones(...args: CreateArgs): Tensor {
  const { shape, options, dtype } = readCreateArgs("ones", args);
  return finish(filled(shape, 1, dtype), options);
}

/** A shape filled with one value. */
export function full(
  ...args:
    | [shape: Shape, value: number | boolean, options?: CreateOptions]
    | [shape: Shape, options: CreateOptions & { readonly fillValue: number | boolean }]
): Tensor {
  const [shape, value, options = {}] = byPosition("full", args, ["size", "fillValue"]) as [
    Shape,
    number | boolean,
    CreateOptions?,
  ];
  checkOptions("full", options, CREATE);
  const dtype =
    options.dtype === undefined ? (typeof value === "boolean" ? "bool" : "float32") : checkDType("full", options.dtype);
  return finish(filled(shape, asElement("full", dtype, Number(value)), dtype), options);
}

function filled(shape: Shape, value: number, dtype: DType): Tensor {
  const out = allocated(shape, dtype);
  out.storage.values.fill(value);
  return out;
}

/** The identity matrix of n rows and m (default n) columns. */
export function eye(
  n: number,
  ...rest: [m: number | undefined, options?: CreateOptions] | [options?: CreateOptions & { readonly m?: number }]
): Tensor {
  const { m = n, ...options } = readArguments<CreateOptions & { m?: number }>("eye", rest, [
    "m",
    "dtype",
    "requiresGrad",
  ]);
  wholeNumber("eye", "n", n, 0);
  wholeNumber("eye", "m", m, 0);
  const out = allocated([n, m], options.dtype === undefined ? "float32" : checkDType("eye", options.dtype));
  for (let i = 0; i < Math.min(n, m); i++) out.storage.values[i * m + i] = 1;
  return finish(out, options);
}

interface RangeOptions extends CreateOptions {
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
}

/** Numbers from `start` (default 0) up to but not including `end`, in steps. Integers give int64. */
export function arange(
  ...args:
    | [end: number, options?: CreateOptions]
    | [start: number, end: number, options?: CreateOptions]
    | [start: number, end: number, step: number, options?: CreateOptions]
    | [start: number, end: number, options: RangeOptions]
    | [start: number, options: RangeOptions]
    | [options: RangeOptions]
): Tensor {
  const options: RangeOptions = (args.find((arg) => typeof arg === "object") as RangeOptions | undefined) ?? {};
  checkOptions("arange", options, ["start", "end", "step", ...CREATE]);
  const given = (args as readonly unknown[]).filter((arg) => typeof arg === "number");
  const bounds = options.end === undefined ? given : [given[0] ?? options.start ?? 0, options.end];
  if (bounds.length === 0) throw new ArgumentError("arange", "'end' is missing");
  const asked = [...(bounds.length === 1 ? [0, bounds[0]] : bounds.slice(0, 2)), bounds[2] ?? options.step ?? 1];
  // In int64 the bounds are whole before anything is counted.
  const [start, end, step] = options.dtype === "int64" ? asked.map(Math.trunc) : asked;
  if (step === 0) throw new ArgumentError("arange", "step must be nonzero");
  if ((end - start) / step < 0)
    throw new ArgumentError("arange", "upper bound and larger bound inconsistent with step sign");
  const n = Math.ceil((end - start) / step);
  const whole = [start, end, step].every(Number.isInteger);
  const out = allocated([n], rangeDType("arange", options.dtype, whole ? "int64" : "float32"));
  for (let i = 0; i < n; i++) out.storage.values[i] = start + i * step;
  return finish(out, options);
}

function rangeDType(op: string, dtype: DType | undefined, byDefault: DType): DType {
  if (dtype === "bool") throw new DTypeError(op, "not implemented for 'bool': there is no range of truth");
  return dtype === undefined ? byDefault : checkDType(op, dtype);
}

/** Integers are cut off behind the point; those of int64 stand in floats. */
function wholeIn(out: Tensor): Tensor {
  const { values } = out.storage;
  if (out.dtype === "int64") for (let i = 0; i < values.length; i++) values[i] = Math.trunc(values[i]);
  return out;
}

/** `steps` numbers evenly spaced from `start` to `end`, both included. */
export function linspace(
  ...args:
    | [start: number, end: number, steps: number, options?: CreateOptions]
    | [start: number, end: number, options: CreateOptions & { readonly steps: number }]
    | [options: CreateOptions & { readonly start: number; readonly end: number; readonly steps: number }]
): Tensor {
  const [first, last, steps, options = {}] = byPosition("linspace", args, ["start", "end", "steps"]) as [
    number,
    number,
    number,
    CreateOptions?,
  ];
  checkOptions("linspace", options, CREATE);
  wholeNumber("linspace", "steps", steps, 0);
  const dtype = rangeDType("linspace", options.dtype, "float32");
  const [start, end] = isFloat(dtype) ? [first, last] : [Math.trunc(first), Math.trunc(last)];
  const out = allocated([steps], dtype);
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  // From both ends, as PyTorch does, so that the last value is exact.
  for (let i = 0; i < steps; i++)
    out.storage.values[i] = i < steps / 2 ? start + step * i : end - step * (steps - 1 - i);
  return finish(wholeIn(out), options);
}

interface LogspaceOptions extends CreateOptions {
  readonly base?: number;
}

/** `steps` numbers from base^start to base^end whose exponents are evenly spaced. */
export function logspace(
  ...args:
    | [start: number, end: number, steps: number, options?: LogspaceOptions]
    | [start: number, end: number, steps: number, base: number | undefined, options?: CreateOptions]
    | [start: number, end: number, options: LogspaceOptions & { readonly steps: number }]
    | [options: LogspaceOptions & { readonly start: number; readonly end: number; readonly steps: number }]
): Tensor {
  const [start, end, steps, ...rest] = byPosition("logspace", args, ["start", "end", "steps"]) as [
    number,
    number,
    number,
    ...unknown[],
  ];
  const { base = 10, ...options } = readArguments<LogspaceOptions>("logspace", rest, ["base", "dtype", "requiresGrad"]);
  const dtype = rangeDType("logspace", options.dtype, "float32");
  const exponents = linspace(start, end, steps, { dtype: "float64" }).storage.values;
  const out = allocated([steps], dtype);
  for (let i = 0; i < steps; i++) out.storage.values[i] = base ** exponents[i];
  return finish(wholeIn(out), options);
}

/** A tensor of a shape to overwrite; its elements are zeros. */
export function empty(...args: CreateArgs): Tensor {
  const { shape, options, dtype } = readCreateArgs("empty", args);
  return finish(allocated(shape, dtype), options);
}

/** The tensor itself, converted if `dtype` says so; anything else as `tensor` reads it. */
export function asTensor(data: TensorData, options: { readonly dtype?: DType } = {}): Tensor {
  checkOptions("asTensor", options, ["dtype"]);
  if (!(data instanceof Tensor)) return tensor(data, options);
  return options.dtype === undefined ? data : data.to(options.dtype);
}

/** Whether a value is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/** Whether the elements are floating point numbers. */
export function isFloatingPoint(self: Tensor): boolean {
  return isFloat(self.dtype);
}

/** The number of elements. */
export function numel(self: Tensor): number {
  return self.elements;
}
