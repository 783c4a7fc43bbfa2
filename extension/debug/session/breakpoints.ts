/** In which direction a breakpoint on a line stops. */
export type BreakpointMode = "both" | "forward" | "backward";

/** What every kind of breakpoint has. */
export interface BreakpointDetails {
  /** An expression that must hold. */
  readonly condition: string | null;
  /** How often it must have been hit: `5`, `> 5`, `>= 5`, `% 5`. */
  readonly hitCondition: string | null;
  /** Text to print instead of stopping; expressions stand in braces. */
  readonly logMessage: string | null;
}

/** A breakpoint as the user set it. */
export type Breakpoint = BreakpointDetails & { readonly id: number } & (
    | { readonly kind: "line"; readonly file: string; readonly line: number; readonly mode: BreakpointMode }
    | { readonly kind: "function"; readonly name: string }
    | { readonly kind: "data"; readonly watch: DataWatch }
    | { readonly kind: "exception"; readonly filter: ExceptionFilterId }
  );

/** What of a tensor is watched. */
export interface DataWatch {
  /** By the user's name, so that it holds for every tensor that gets it; else by row. */
  readonly name: string | null;
  readonly tensor: number;
  readonly what: WatchedThing;
}

export type WatchedThing = "grad" | "grad-nonfinite" | "grad-norm" | "grad-set" | "grad-hook" | "value" | "version";

export type ExceptionFilterId =
  | "nan-forward"
  | "nonfinite-gradient"
  | "exploding"
  | "vanishing"
  | "autograd-error"
  | "uncaught";

/** A fault that can stop the program. */
export interface ExceptionFilter {
  readonly filter: ExceptionFilterId;
  readonly label: string;
  readonly description: string;
  readonly isDefault: boolean;
  /** What a number in its condition means; null when it takes none. */
  readonly conditionDescription: string | null;
}

export const exceptionFilters: readonly ExceptionFilter[] = [
  {
    filter: "nan-forward",
    label: "NaN in forward",
    description: "Stops at the op that makes the first NaN out of numbers that are none.",
    isDefault: true,
    conditionDescription: null,
  },
  {
    filter: "nonfinite-gradient",
    label: "NaN or Inf in a gradient",
    description: "Stops at the backward node that makes a gradient NaN or infinite.",
    isDefault: true,
    conditionDescription: null,
  },
  {
    filter: "exploding",
    label: "Exploding gradient",
    description: "Stops when the norm of a gradient rises above a limit, once in each backward.",
    isDefault: false,
    conditionDescription: "Norm above which to stop, 1000 when left out",
  },
  {
    filter: "vanishing",
    label: "Vanishing gradient",
    description: "Stops when the norm of a gradient falls below a limit, once in each backward.",
    isDefault: false,
    conditionDescription: "Norm below which to stop, 1e-8 when left out",
  },
  {
    filter: "autograd-error",
    label: "Autograd error",
    description: "Stops when backward refuses to begin, or a node of it throws.",
    isDefault: true,
    conditionDescription: null,
  },
  {
    filter: "uncaught",
    label: "Uncaught exception",
    description: "Stops when the program ends with an error. What led to it can be looked at by going back.",
    isDefault: true,
    conditionDescription: null,
  },
];

const usualLimits = { exploding: 1000, vanishing: 1e-8 } as const;

/** The norm at which exploding or vanishing begins; null when the condition is no number. */
export function limitOf(filter: "exploding" | "vanishing", condition: string | null): number | null {
  if (condition === null || condition.trim() === "") return usualLimits[filter];
  const limit = Number(condition.replace(/^\s*[<>]=?\s*/, ""));
  return limit > 0 ? limit : null;
}

/** Whether the `hits`-th hit counts. A condition that can't be read always does. */
export function hitCounts(condition: string | null, hits: number): boolean {
  const [, sign = "", text = ""] = /^\s*(>=|>|<=|<|==?|%)?\s*(\d+)\s*$/.exec(condition ?? "") ?? [];
  if (text === "") return true;
  const n = Number(text);
  switch (sign) {
    case ">":
      return hits > n;
    case ">=":
      return hits >= n;
    case "<":
      return hits < n;
    case "<=":
      return hits <= n;
    case "%":
      return n > 0 && hits % n === 0;
    default:
      return hits === n;
  }
}

/** Whether a hit condition can be read. */
export function isHitCondition(condition: string): boolean {
  return /^\s*(>=|>|<=|<|==?|%)?\s*\d+\s*$/.test(condition);
}
