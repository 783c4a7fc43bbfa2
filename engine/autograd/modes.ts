import { type AsyncContext, createAsyncContext } from "../base/asyncContext.ts";
import { ArgumentError } from "../base/errors.ts";
import { watch } from "./observer.ts";
import { whenSettled } from "./settled.ts";

interface Mode {
  /** Whether ops record a graph. */
  grad: boolean;
  /** Whether results are inference tensors: no graph, no version counter. */
  inference: boolean;
}

/** What holds where no mode function is on the stack. */
const base: Mode = { grad: true, inference: false };

/** The innermost mode whose function is on the stack now; `base` when none is. */
let top: Mode = base;
let depth = 0;

/** How many mode functions returned a promise that has not settled: only then can code run in a mode that is not on the stack. */
let pending = 0;
const context: AsyncContext<Mode> | null = createAsyncContext<Mode>();

function mode(): Mode {
  if (depth > 0 || pending === 0 || context === null) return top;
  return context.get() ?? base;
}

/** Whether ops record a graph here. */
export const isGradEnabled = (): boolean => mode().grad;

/** Whether ops really record: inference mode wins over an enableGrad inside it. */
export function isRecording(): boolean {
  const { grad, inference } = mode();
  return grad && !inference;
}

/** Whether results are inference tensors here. */
export const isInferenceModeEnabled = (): boolean => mode().inference;

/** Switches recording on or off until the enclosing mode function returns, or for good at top level; with `fn`, while that runs. */
export function setGradEnabled(flag: boolean): void;
export function setGradEnabled<R>(flag: boolean, fn: () => R): R;
export function setGradEnabled<R>(flag: boolean, fn?: () => R): R | undefined {
  if (typeof flag !== "boolean") throw new ArgumentError("setGradEnabled", `expected true or false, but got ${flag}`);
  if (fn !== undefined) return flag ? enableGrad(fn) : within({ grad: false, inference: mode().inference }, fn);
  mode().grad = flag;
  watch.observer?.gradMode?.(flag);
  return undefined;
}

/** Runs `fn`, sync or async, without recording a graph: results do not require grad. */
export function noGrad<R>(fn: () => R): R {
  return within({ grad: false, inference: mode().inference }, fn);
}

/** Runs `fn`, sync or async, recording a graph even inside `noGrad`. */
export function enableGrad<R>(fn: () => R): R {
  const { inference } = mode();
  return within({ grad: true, inference }, fn);
}

/** Runs `fn` recording a graph even inside `inferenceMode`. */
export function recording<R>(fn: () => R): R {
  return within({ grad: true, inference: false }, fn);
}

/** Runs `fn`, sync or async, making inference tensors: no graph and no version counter, so the least overhead. */
export function inferenceMode<R>(fn: () => R): R {
  return within({ grad: false, inference: true }, fn);
}

/** For the engine's own synchronous parts: sets recording while `fn` runs. Costs no async context. */
export function withGrad<R>(grad: boolean, fn: () => R): R {
  const before = top;
  top = { grad, inference: mode().inference };
  depth++;
  try {
    return fn();
  } finally {
    depth--;
    top = before;
  }
}

function within<R>(next: Mode, fn: () => R): R {
  const before = top;
  top = next;
  depth++;
  let result: R;
  try {
    result = context === null ? fn() : context.run(next, fn);
  } finally {
    depth--;
    top = before;
  }
  if (!(result instanceof Promise)) return result;
  pending++;
  return whenSettled(result, () => {
    pending--;
  });
}
