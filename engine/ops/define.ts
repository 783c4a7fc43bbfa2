import type { Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { none, onePerElement } from "./flops.ts";
import type { Hazard } from "./hazards.ts";
import {
  type BaseContext,
  type BatchingRule,
  type BinaryOp,
  type Flops,
  type Formula,
  type GeneralOp,
  type Geometry,
  type Op,
  ops,
  type SavedSource,
  type UnaryOp,
  type ViewOp,
} from "./op.ts";
import type { Sample } from "./samples.ts";

/**
 * What a formula sees: the gradient, the op's attributes and exactly what the op saved. An input of a binary op that was
 * a plain number comes back as that number; it is typed as a tensor because every binary method takes either.
 */
export type Context<Saved extends string, A> = {
  readonly [K in Saved]: Tensor;
} & {
  /** Gradient of the (first) output. */
  readonly grad: Tensor;
  /** Gradients of all outputs; null where nothing flowed back. */
  readonly grads: readonly (Tensor | null)[];
  readonly attrs: A;
  /** Shape and dtype of input `i`, for inputs whose gradient is asked for. */
  input(i: number): { readonly shape: Shape; readonly dtype: DType };
  /** Whether somebody asks for the gradient of input `i`. */
  needs(i: number): boolean;
};

/**
 * What backward may see: names that every formula may read or, per input, what its formula reads. The second form keeps
 * nothing for an input whose gradient nobody asks for: `x.mul(2)` keeps 2, not x.
 */
type Saves<In extends string, Name extends string> = readonly Name[] | { readonly [K in In]?: readonly Name[] };

/** The names that the formula of input K reads. */
type ReadBy<S, K> = S extends readonly (infer Name extends string)[]
  ? Name
  : K extends keyof S
    ? S[K] extends readonly (infer Name extends string)[]
      ? Name
      : never
    : never;

interface Described<In extends string, Out extends string, S, A> {
  readonly name: string;
  /** Tells apart ops that share a public name: `pow` of a tensor by a number and by a tensor. */
  readonly overload?: string;
  readonly summary: string;
  /** Written in graph pills; the name when left out. */
  readonly symbol?: string;
  /** `MulBackward0` when left out for an op named `mul`. */
  readonly node?: string;
  readonly outputs?: readonly Out[];
  readonly saves?: S;
  /** One entry per input; null says "not differentiable", on purpose. */
  readonly backward:
    | { readonly [K in In]: ((context: Context<ReadBy<S, K>, A>, input: number) => Tensor | null) | null }
    | null;
  /** One per element of the largest tensor when left out. */
  readonly flops?: Flops;
  readonly hazards?: readonly Hazard[];
  readonly accepts?: readonly Sample[];
  readonly rejects?: readonly Sample[];
}

/** An op on each element: input `x`, output `out`. */
export function unary<A = void>() {
  return <const S extends Saves<"x", "x" | "out"> = readonly []>(
    spec: Described<"x", "out", S, A> & {
      readonly dtype?: UnaryOp["dtype"];
      readonly forward: UnaryOp<A>["forward"];
    },
  ): UnaryOp<A> => ({ ...describe(["x"], spec), dtype: spec.dtype ?? "float", forward: spec.forward });
}

/** An op on pairs of elements that broadcast: inputs `a` and `b` (either may be a plain number), output `out`. */
export function binary<A = void>() {
  return <const S extends Saves<"a" | "b", "a" | "b" | "out"> = readonly []>(
    spec: Described<"a" | "b", "out", S, A> & {
      readonly dtype?: BinaryOp["dtype"];
      readonly forward: BinaryOp<A>["forward"];
    },
  ): BinaryOp<A> => ({ ...describe(["a", "b"], spec), dtype: spec.dtype ?? "same", forward: spec.forward });
}

/** An op that gives another window on the storage of its input `x`. */
export function view<A = void>() {
  return (
    spec: Described<"x", "out", readonly [], A> & { readonly geometry: (x: Tensor, attrs: A) => Geometry },
  ): ViewOp<A> => ({
    ...describe(["x"], { flops: none, ...spec }),
    geometry: spec.geometry,
  });
}

/** Any other op: `forward` checks its inputs, makes the outputs and fills them. */
export function general<A = void>() {
  return <const In extends string, const Out extends string = "out", const S extends Saves<In, In | Out> = readonly []>(
    spec: Described<In, Out, S, A> & {
      readonly inputs: readonly In[];
      readonly forward: GeneralOp<A>["forward"];
      readonly onBatch?: BatchingRule<A>;
    },
  ): GeneralOp<A> => ({ ...describe(spec.inputs, spec), forward: spec.forward, onBatch: spec.onBatch ?? null });
}

type AnyDescription = Omit<Described<string, string, Saves<string, string>, never>, "backward"> & {
  readonly backward: { readonly [input: string]: ((context: never, input: number) => Tensor | null) | null } | null;
};

function describe(inputs: readonly string[], spec: AnyDescription): Op {
  const outputs = spec.outputs ?? ["out"];
  const saves = savedNames(spec.saves ?? []);
  const formulas = inputs.map((input) => (spec.backward?.[input] ?? null) as Formula | null);
  const op: Op = {
    name: spec.name,
    node: spec.node ?? `${spec.name[0].toUpperCase()}${spec.name.slice(1)}Backward0`,
    summary: spec.summary,
    symbol: spec.symbol ?? spec.name,
    inputs,
    outputs,
    saves,
    savedAt: saves.map((name) => (inputs.includes(name) ? inputs.indexOf(name) : -1 - outputs.indexOf(name))),
    slotsRead: spec.saves === undefined || isList(spec.saves) ? null : slotsRead(inputs, spec.saves, saves),
    formulas,
    differentiable: formulas.some((formula) => formula !== null),
    context: contextClass(saves),
    flops: spec.flops ?? onePerElement,
    hazards: spec.hazards ?? [],
    accepts: spec.accepts ?? [],
    rejects: spec.rejects ?? [],
  };
  ops.set(spec.overload === undefined ? op.name : `${op.name}.${spec.overload}`, op);
  return op;
}

type PerInput = { readonly [input: string]: readonly string[] | undefined };

const isList = (saves: readonly string[] | PerInput): saves is readonly string[] => Array.isArray(saves);

function savedNames(saves: readonly string[] | PerInput): readonly string[] {
  return isList(saves) ? saves : [...new Set(Object.values(saves).flatMap((names) => names ?? []))];
}

/** Per input: a bit for each slot that its formula reads. */
function slotsRead(inputs: readonly string[], saves: PerInput, slots: readonly string[]): number[] {
  const bits = (names: readonly string[]): number => names.reduce((sum, name) => sum | (1 << slots.indexOf(name)), 0);
  return inputs.map((input) => bits(saves[input] ?? []));
}

/** A class per op, so that `({ grad, a }) => …` reads two getters and unpacks only what the formula names. */
function contextClass(saves: readonly string[]): Op["context"] {
  class SavedContext implements BaseContext {
    declare readonly node: SavedSource;
    declare readonly grads: readonly (Tensor | null)[];
    declare readonly needed: (input: number) => boolean;
    /** What hooks have unpacked: they run once, however many formulas read what they give. */
    declare opened: (Tensor | number | null)[] | null;

    constructor(node: SavedSource, grads: readonly (Tensor | null)[], needed: (input: number) => boolean) {
      this.node = node;
      this.grads = grads;
      this.needed = needed;
      this.opened = null;
    }

    get grad(): Tensor {
      return this.grads[0] as Tensor;
    }

    get attrs(): unknown {
      return this.node.attrs;
    }

    input(i: number): { readonly shape: Shape; readonly dtype: DType } {
      return this.node.inputMeta(i);
    }

    needs(i: number): boolean {
      return this.node.leadsOn(i) && this.needed(i);
    }
  }
  saves.forEach((name, slot) => {
    Object.defineProperty(SavedContext.prototype, name, {
      get(this: SavedContext) {
        if (!this.node.isPacked(slot)) return this.node.unpack(slot);
        this.opened ??= [];
        this.opened[slot] ??= this.node.unpack(slot);
        return this.opened[slot];
      },
    });
  });
  return SavedContext;
}
