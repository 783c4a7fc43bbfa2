import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { Script } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import type {
  DerivativeOf,
  Evaluated,
  EvaluatorAnswer,
  EvaluatorPaths,
  EvaluatorQuestion,
  Expression,
  Results,
  SentTensor,
  SentValue,
} from "./messages.ts";

// Evaluates expressions on copies of recorded tensors, in a thread of its own: nothing that an expression does reaches
// the program being debugged, and one that never ends is ended with the thread.

/** As much of a tensor as is needed here; the engine is loaded by its path and never imported. */
interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly elements: number;
  grad: TensorLike | null;
  toArray(): ArrayLike<number>;
  reshape(shape: readonly number[]): TensorLike;
  item(): number;
  select(dim: number, index: number): TensorLike;
  detach(): TensorLike;
  requiresGrad_(): TensorLike;
}

interface Engine {
  readonly Tensor: (new (...args: never[]) => TensorLike) & { readonly prototype: TensorLike };
  tensor(data: Float64Array | readonly boolean[], options: { dtype: string }): TensorLike;
}

interface Derivatives {
  localDerivatives(call: DerivativeOf["call"]): Results["derivatives"];
}

const { enginePath, derivativePath } = workerData as EvaluatorPaths;
const engine = (await import(pathToFileURL(enginePath).href)) as Engine;
const { localDerivatives } = (await import(pathToFileURL(derivativePath).href)) as Derivatives;

letTensorsBeIndexed(engine.Tensor.prototype);
comparable(engine.Tensor.prototype);

parentPort?.postMessage("ready");
parentPort?.on("message", (question: EvaluatorQuestion) => {
  const result = question.kind === "expression" ? evaluate(question) : localDerivatives(question.call);
  const answer: EvaluatorAnswer = { id: question.id, result };
  parentPort?.postMessage(answer);
});

/** `x[0]` is the first row, as in Python. */
function letTensorsBeIndexed(prototype: object): void {
  const indexed = new Proxy(Object.getPrototypeOf(prototype) as object, {
    get(target, key, receiver: TensorLike): unknown {
      return typeof key === "string" && /^\d+$/.test(key)
        ? receiver.select(0, Number(key))
        : Reflect.get(target, key, receiver);
    },
  });
  Object.setPrototypeOf(prototype, indexed);
}

/** In a program an operator on a tensor is a mistake; in a condition, `grad.norm() > 10` is what people write. */
function comparable(prototype: object): void {
  const refuse: unknown = Reflect.get(prototype, Symbol.toPrimitive);
  Object.defineProperty(prototype, Symbol.toPrimitive, {
    value(this: TensorLike, hint: string): unknown {
      if (this.elements === 1) return this.item();
      return typeof refuse === "function" ? refuse.call(this, hint) : Number.NaN;
    },
  });
}

function evaluate({ expression, names }: Expression): Evaluated {
  try {
    return describe(compile(expression)(scopeOf(names)));
  } catch (error) {
    return { kind: "error", message: error instanceof Error ? error.message : String(error) };
  }
}

function compile(expression: string): (scope: object) => unknown {
  try {
    return new Function("scope", `with (scope) { return (${expression}\n); }`) as (scope: object) => unknown;
  } catch (error) {
    // What is wrong with it by itself is easier to understand than what is wrong with the text around it, too.
    new Script(expression);
    throw error;
  }
}

/** Names of the program first, then the engine's functions, then a few of JavaScript's; nothing that reaches outside. */
function scopeOf(names: Expression["names"]): object {
  const own = new Map<string, unknown>(Object.entries(helpers));
  const later: (readonly [string, SentValue])[] = [];
  for (const [name, value] of names) {
    if (name.includes(".")) later.push([name, value]);
    else define(own, name, value);
  }
  for (const [name, value] of later) defineDotted(own, name, value);
  return new Proxy(own, {
    has: () => true,
    get: (_, key) => (typeof key === "string" ? read(own, key) : undefined),
    set: (_, key) => {
      throw new Error(`An expression can't assign to ${String(key)}; set the variable instead.`);
    },
  });
}

function read(own: Map<string, unknown>, key: string): unknown {
  const found = own.get(key);
  if (found instanceof Unavailable) throw new Error(found.reason);
  if (own.has(key)) return found;
  if (key in engine) return (engine as unknown as Record<string, unknown>)[key];
  if (harmless.has(key)) return (globalThis as unknown as Record<string, unknown>)[key];
  throw new Error(`There is no ${key} here.`);
}

const harmless: ReadonlySet<string> = new Set([
  "Array",
  "Boolean",
  "Infinity",
  "JSON",
  "Map",
  "Math",
  "NaN",
  "Number",
  "Object",
  "Set",
  "String",
  "undefined",
]);

/** `isNaN(value)` asks of a tensor whether any element is. */
const helpers: Readonly<Record<string, unknown>> = {
  isNaN: (x: unknown) => elements(x).some(Number.isNaN),
  isInf: (x: unknown) => elements(x).some((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  isFinite: (x: unknown) => elements(x).every(Number.isFinite),
};

function elements(x: unknown): number[] {
  if (x instanceof engine.Tensor) return Array.from(x.toArray());
  return x === null || x === undefined ? [] : [Number(x)];
}

class Unavailable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function define(own: Map<string, unknown>, name: string, value: SentValue): void {
  own.set(name, unpack(value));
}

/** Puts `net.0.weight` into an object `net`; a tensor that has the name of the object keeps its own fields. */
function defineDotted(own: Map<string, unknown>, name: string, value: SentValue): void {
  const path = name.split(".");
  const [root = "", ...rest] = path[0] === "this" ? path.slice(1) : path;
  const last = rest.pop();
  if (last === undefined) {
    if (!own.has(root)) define(own, root, value);
    return;
  }
  if (!own.has(root)) own.set(root, {});
  let place = own.get(root);
  for (const key of rest) {
    if (typeof place !== "object" || place === null || place instanceof engine.Tensor) return;
    const fields = place as Record<string, unknown>;
    fields[key] ??= {};
    place = fields[key];
  }
  if (typeof place !== "object" || place === null || place instanceof engine.Tensor) return;
  Object.defineProperty(place, last, {
    enumerable: true,
    get: () => {
      const found = unpack(value);
      if (found instanceof Unavailable) throw new Error(found.reason);
      return found;
    },
  });
}

function unpack(value: SentValue): unknown {
  switch (value.kind) {
    case "tensor":
      return rebuild(value.tensor);
    case "number":
      return value.value;
    case "null":
      return null;
    case "unavailable":
      return new Unavailable(value.reason);
  }
}

function rebuild({ shape, dtype, requiresGrad, values, grad }: SentTensor): TensorLike {
  const data = dtype === "bool" ? Array.from(values, (value) => value !== 0) : values;
  const x = engine.tensor(data, { dtype }).reshape(shape).detach();
  if (requiresGrad) x.requiresGrad_();
  if (grad !== null) x.grad = rebuild(grad);
  return x;
}

function describe(value: unknown): Evaluated {
  if (value instanceof engine.Tensor) {
    return {
      kind: "tensor",
      shape: [...value.shape],
      dtype: value.dtype,
      values: Float64Array.from(value.toArray()),
    };
  }
  const text = inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: 1000, breakLength: 120 });
  const type = value === null ? "null" : typeof value;
  return { kind: "plain", text, type, isTrue: Boolean(value) };
}
