import type { Gradients, Node } from "../../autograd/node.ts";
import type { OpEvent } from "../../autograd/observer.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import type { Shape } from "../../base/shape.ts";
import type { Incident } from "../../ops/hazards.ts";
import type { Op } from "../../ops/op.ts";
import { Health } from "../schema.ts";
import { elementAt, elementsOf, healthOf } from "./elements.ts";

/** A bad number whose makings are not bad. */
export interface Birth {
  readonly tensor: Tensor;
  /** Row-major number of the first bad element. */
  readonly element: number;
  readonly value: number;
  /** What happened; `given` when a constant of the program's is infinite; empty when nothing is known to. */
  readonly cause: string;
  /** What the op worked on there. */
  readonly values: readonly number[];
}

/** More values than this are not kept. */
const MAX_VALUES = 8;
/** More elements than this are not looked through for the one that a gradient failed at. */
const MAX_SEARCHED = 1 << 20;

type Value = Tensor | number | null;

const isTensor = (value: Value): value is Tensor => typeof value === "object" && value !== null;

/** The birth in a forward op's results, or null when they only pass on what came in. */
export function birthInOp(event: OpEvent): Birth | null {
  const { op, inputs, outputs, attrs } = event;
  const out = outputs.find((x) => healthOf(x) !== 0);
  if (out === undefined) return null;
  const bad = healthOf(out);
  let given = 0;
  // What an in-place op overwrote is not known any more.
  for (const input of inputs) if (isTensor(input) && input !== out) given |= healthOf(input);
  const wanted = bornBits(bad, given);
  if (wanted === 0) return null;
  const element = firstBad(out, wanted);
  const value = elementAt(out, element, out.shape);
  const known = inputs.map((input) => (input === out ? null : input));
  const values = isPointwise(op) ? known.map((input) => valueAt(input, element, out.shape)) : [];
  const row = isPointwise(op) || !isTensor(known[0]) ? [] : rowOf(known[0], element, out.shape, attrs);
  const cause =
    causeOf(op, "forward", { inputs: values, out: value, row, attrs }) ??
    generalCause(op?.name ?? "", value, inputs, attrs);
  return { tensor: out, element, value, cause, values: (isPointwise(op) ? values : [...row]).slice(0, MAX_VALUES) };
}

/** NaN is born where none came in; Inf where nothing bad came in. */
function bornBits(bad: number, given: number): number {
  if ((bad & Health.nan) !== 0 && (given & Health.nan) === 0) return Health.nan;
  return (bad & Health.inf) !== 0 && given === 0 ? Health.inf : 0;
}

/** The birth in the gradients that a node hands on, or null when a bad one came in. */
export function birthInNode(node: Node, gradOutputs: Gradients, gradInputs: Gradients): Birth | null {
  if (gradOutputs.some((g) => g !== null && g !== undefined && healthOf(g) !== 0)) return null;
  const gradient = gradInputs.find((g) => g !== null && g !== undefined && healthOf(g) !== 0);
  if (gradient === undefined || gradient === null) return null;
  const bad = healthOf(gradient);
  const element = firstBad(gradient, (bad & Health.nan) !== 0 ? Health.nan : Health.inf);
  const value = elementAt(gradient, element, gradient.shape);
  if (!isOpNode(node)) {
    const cause = "ctx" in node ? "custom-backward" : "";
    return { tensor: gradient, element, value, cause, values: [] };
  }
  const found = searchNode(node, gradOutputs[0] ?? gradient, gradient, element);
  return { tensor: gradient, element, value, cause: found?.cause ?? "", values: found?.values ?? [] };
}

interface SavingNode extends Node {
  readonly op: Op;
  readonly attrs: unknown;
  readonly saved: readonly unknown[];
}

const isOpNode = (node: Node): node is SavingNode => "op" in node && "saved" in node;

/** The hazard of a node's op that some element shows, preferably the bad one. */
function searchNode(
  node: SavingNode,
  gradOutput: Tensor,
  gradient: Tensor,
  element: number,
): { readonly cause: string; readonly values: readonly number[] } | null {
  const { op, attrs } = node;
  if (!op.hazards.some(({ phase }) => phase === "backward")) return null;
  const { inputs, out } = savedOf(node);
  const shape = isPointwise(op) ? gradOutput.shape : (out?.shape ?? gradOutput.shape);
  const at = (i: number): { cause: string; values: number[] } | null => {
    const values = inputs.map((input) => (isPointwise(op) ? valueAt(input, i, shape) : Number.NaN));
    const result = isTensor(out) ? elementAt(out, i, shape) : Number.NaN;
    const cause = causeOf(op, "backward", { inputs: values, out: result, row: [], attrs });
    return cause === null ? null : { cause, values: [...values, result] };
  };
  if (sameSizes(shape, gradient.shape)) {
    const there = at(element);
    if (there !== null) return there;
  }
  const n = Math.min(
    shape.reduce((product, size) => product * size, 1),
    MAX_SEARCHED,
  );
  for (let i = 0; i < n; i++) {
    const found = at(i);
    if (found !== null) return found;
  }
  return null;
}

/** The inputs and the first output that a node saved; null for those it did not, or that were packed or freed. */
function savedOf({ op, saved }: SavingNode): { inputs: Value[]; out: Tensor | null } {
  const inputs: Value[] = op.inputs.map(() => null);
  let out: Tensor | null = null;
  saved.forEach((slot, i) => {
    const at = op.savedAt[i];
    if (typeof slot === "number" && at >= 0) inputs[at] = slot;
    if (typeof slot !== "object" || slot === null || !("storage" in slot)) return;
    if (at >= 0) inputs[at] = slot as Tensor;
    else if (at === -1) out = slot as Tensor;
  });
  return { inputs, out };
}

function causeOf(op: Op | null, phase: "forward" | "backward", at: Incident): string | null {
  return op?.hazards.find((hazard) => hazard.phase === phase && hazard.happens(at))?.cause ?? null;
}

/** What can be said of any op: of what came in, and of constants that are infinite on purpose. */
function generalCause(name: string, value: number, inputs: readonly Value[], attrs: unknown): string {
  if (inputs.some((x) => typeof x === "number" && !Number.isFinite(x)) || holdsInfinity(attrs)) return "given";
  const infinite = inputs.some((x) => isTensor(x) && (healthOf(x) & Health.inf) !== 0);
  if (!infinite) return Number.isNaN(value) ? "" : "overflow";
  if (!MULTIPLIES.test(name)) return "inf-minus-inf";
  return inputs.some((x) => isTensor(x) && holdsZero(x)) ? "zero-times-inf" : "inf-minus-inf";
}

/** Ops that add up products. */
const MULTIPLIES = /^(mm|bmm|mv|dot|matmul|linear|addmm|addmv|addr|baddbmm|addcmul|conv\w*|prod|cumprod|lerp)_?$/;

function holdsInfinity(attrs: unknown): boolean {
  if (typeof attrs !== "object" || attrs === null) return false;
  return Object.values(attrs).some((value) => typeof value === "number" && !Number.isFinite(value));
}

function holdsZero(x: Tensor): boolean {
  const values = elementsOf(x);
  for (let i = 0; i < values.length; i++) if (values[i] === 0) return true;
  return false;
}

/** Unary and binary ops are the ones that state the dtype of their results. */
const isPointwise = (op: Op | null): boolean => op !== null && "dtype" in op;

function valueAt(value: Value, element: number, shape: Shape): number {
  if (typeof value === "number") return value;
  return value === null ? Number.NaN : elementAt(value, element, shape);
}

/** Row-major number of the first element that is NaN or (for Inf) infinite; 0 when there is none. */
export function firstBad(x: Tensor, bits: number): number {
  const values = elementsOf(x);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Number.isNaN(v) ? (bits & Health.nan) !== 0 : v - v !== 0 && (bits & Health.inf) !== 0) return i;
  }
  return 0;
}

interface ReducingAttributes {
  readonly dims?: readonly number[];
  readonly dim?: number;
}

/** The elements that a reduction (or a softmax) put into one element of its result. */
function rowOf(x: Tensor, element: number, shape: Shape, attrs: unknown): number[] {
  const { dims, dim } = (attrs ?? {}) as ReducingAttributes;
  const reduced = Array.isArray(dims) ? dims : typeof dim === "number" ? [dim] : null;
  if (reduced === null || reduced.some((d) => d < 0 || d >= x.ndim)) return [];
  const fixed = placesOf(element, shape);
  const keeps = shape.length === x.ndim;
  let next = 0;
  const start = x.shape.map((_, d) => (reduced.includes(d) ? -1 : fixed[keeps ? d : next++]));
  const row: number[] = [];
  const visit = (d: number, place: number): void => {
    if (row.length >= MAX_ROW) return;
    if (d === x.ndim) row.push(x.storage.values[place]);
    else if (start[d] >= 0) visit(d + 1, place + start[d] * x.strides[d]);
    else for (let i = 0; i < x.shape[d]; i++) visit(d + 1, place + i * x.strides[d]);
  };
  visit(0, x.offset);
  return row;
}

const MAX_ROW = 1 << 16;

function placesOf(element: number, shape: Shape): number[] {
  const places = shape.map(() => 0);
  let rest = element;
  for (let d = shape.length - 1; d >= 0; d--) {
    places[d] = rest % shape[d];
    rest = (rest - places[d]) / shape[d];
  }
  return places;
}

const sameSizes = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, d) => size === b[d]);
