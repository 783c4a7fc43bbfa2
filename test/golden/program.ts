import { Tensor, tensor } from "../../engine/index.ts";
import type { Argument, Input, Keywords, Step, TensorData } from "./format.ts";
import { camelCase, findFunction } from "./surface.ts";
import { Malformed } from "./wellFormed.ts";

/** Inputs and variables by name. */
export type Variables = Map<string, Tensor>;

/** A leaf with these elements. */
export function makeTensor({ shape, dtype, data }: TensorData): Tensor {
  return tensor(data, { dtype })
    .reshape([...shape])
    .clone();
}

/** Fresh inputs, as leaves. */
export function makeInputs(inputs: readonly Input[]): Variables {
  return new Map(inputs.map((input) => [input.name, makeTensor(input).requiresGrad_(input.requires_grad)]));
}

/** Runs the steps in order; what they make joins `variables`. */
export function runProgram(program: readonly Step[], variables: Variables): void {
  for (const step of program) runStep(step, variables);
}

function runStep({ out, op, args, kwargs }: Step, variables: Variables): void {
  const result = call(op, callArguments(op, args, kwargs, variables));
  if (typeof out === "string") {
    variables.set(out, expectTensor(op, result));
    return;
  }
  const results = Object(result) as ArrayLike<unknown>;
  if (results.length !== out.length)
    throw new Error(`${op} gave ${results.length ?? "no list of"} results, not ${out.length}`);
  out.forEach((name, i) => {
    variables.set(name, expectTensor(op, results[i]));
  });
}

/** The engine's own errors are sentences; JavaScript's say nothing without the op that met them. */
function call(op: string, args: readonly unknown[]): unknown {
  const compute = findFunction(op);
  try {
    return compute(...args);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new Error(`${op} broke with ${error.name}: ${error.message}`, { cause: error });
  }
}

function expectTensor(op: string, value: unknown): Tensor {
  if (!(value instanceof Tensor)) throw new Error(`${op} gave ${value === null ? "null" : typeof value}, not a tensor`);
  return value;
}

/** Positional arguments, then keywords in one object of options where there are any. */
function callArguments(op: string, args: readonly Argument[], kwargs: Keywords, variables: Variables): unknown[] {
  const positional =
    op === "__getitem__"
      ? [argument(args[0], variables), ...(args[1] as readonly Argument[]).map((index) => argument(index, variables))]
      : args.map((arg) => argument(arg, variables));
  return Object.keys(kwargs).length === 0 ? positional : [...positional, keywords(kwargs, variables)];
}

/** Keyword arguments as an options object, with our spelling of the keys. */
export function keywords(kwargs: Keywords, variables: Variables = new Map()): { [option: string]: unknown } {
  return Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camelCase(key), argument(value, variables)]));
}

function argument(arg: Argument | undefined, variables: Variables): unknown {
  if (typeof arg !== "object" || arg === null) return arg;
  if (isList(arg)) return arg.map((item) => argument(item, variables));
  if ("ref" in arg) return variable(arg.ref, variables);
  if ("dtype" in arg) return arg.dtype;
  if ("slice" in arg) return findFunction("slice")(...arg.slice.map((bound) => bound ?? undefined));
  if ("ellipsis" in arg) return "...";
  throw new Malformed(`Not in the format: the argument ${JSON.stringify(arg)} is of no known kind.`);
}

const isList = (arg: Argument): arg is readonly Argument[] => Array.isArray(arg);

/** A variable that an earlier step or the inputs made. */
export function variable(name: string, variables: Variables): Tensor {
  const found = variables.get(name);
  if (found === undefined) throw new Malformed(`The program has no variable ${name}.`);
  return found;
}
