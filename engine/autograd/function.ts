import { now } from "../base/clock.ts";
import { isFloat } from "../base/dtype.ts";
import { AutogradError } from "../base/errors.ts";
import { accumulatorOf } from "./accumulate.ts";
import { attach } from "./dispatch.ts";
import { isGradEnabled, isRecording, withGrad } from "./modes.ts";
import { type Gradients, Node, type OutputMeta } from "./node.ts";
import { watch } from "./observer.ts";
import { FREED, type SavedSlot, save, unpack } from "./saved.ts";
import { site } from "./sites.ts";
import { SHARED } from "./storage.ts";
import { empty, Tensor, window } from "./tensor.ts";
import { checkInPlace, markView, rebaseHistory, type ViewKind } from "./views.ts";

/** What `forward` said of its tensors. */
interface Said {
  readonly toSave: readonly (Tensor | null)[];
  readonly dirty: ReadonlySet<Tensor>;
  readonly nonDifferentiable: ReadonlySet<Tensor>;
}

/** What `forward` leaves for `backward`. Users may put plain values on it as properties. */
export class FunctionCtx {
  /** Per argument of `forward`: whether its gradient is asked for. */
  needsInputGrad: readonly boolean[] = [];
  /** Whether undefined output gradients reach `backward` as zeros (default) or as null. */
  materializeGrads = true;
  /** Whatever `forward` wants to keep: shapes, flags, numbers. */
  [key: string]: unknown;

  #toSave: readonly (Tensor | null)[] = [];
  #dirty: ReadonlySet<Tensor> = new Set();
  #nonDifferentiable: ReadonlySet<Tensor> = new Set();
  #node: FunctionNode | null = null;

  /** Keeps tensors for `backward`, where `savedTensors` gives them back, checked against in-place changes. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    tensors.forEach((x, i) => {
      if (x !== null && !(x instanceof Tensor)) {
        throw new AutogradError(
          `saveForBackward can only save tensors, but argument ${i} is of type ${typeof x}. Put other values on ctx as properties.`,
        );
      }
    });
    this.#toSave = tensors;
  }

  /** What `saveForBackward` kept. */
  get savedTensors(): Tensor[] {
    return (this.#node?.unpackAll() ?? this.#toSave) as Tensor[];
  }

  /** Says which inputs `forward` changed in place; they must be returned. */
  markDirty(...tensors: Tensor[]): void {
    this.#dirty = new Set(tensors);
    for (const { storage } of this.#dirty) storage.version++;
  }

  /** Says which outputs have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.#nonDifferentiable = new Set(tensors);
  }

  /** Whether gradients that nobody computed come to `backward` as zeros (the default) or as null. */
  setMaterializeGrads(flag: boolean): void {
    this.materializeGrads = flag;
  }

  /** For `apply`: what forward said. */
  static read(ctx: FunctionCtx): Said {
    return { toSave: ctx.#toSave, dirty: ctx.#dirty, nonDifferentiable: ctx.#nonDifferentiable };
  }

  /** Ties the context to its node, once `forward` has run. For the engine. */
  static bind(ctx: FunctionCtx, node: FunctionNode): void {
    ctx.#node = node;
    ctx.#toSave = [];
  }
}

/** What a subclass of `Function` must be. */
interface FunctionClass {
  readonly name: string;
  readonly onceDifferentiable?: boolean;
  forward(ctx: FunctionCtx, ...args: never[]): unknown;
  backward?(ctx: FunctionCtx, ...gradOutputs: never[]): unknown;
}

type ForwardArgs<F> = F extends { forward(ctx: FunctionCtx, ...args: infer Args): unknown } ? Args : never;
type ForwardResult<F> = F extends { forward(ctx: FunctionCtx, ...args: never[]): infer Result } ? Result : never;

/**
 * An op written by the user: subclass it with static `forward(ctx, …)` and `backward(ctx, …gradOutputs)`, and call it
 * with `.apply(…)`. `backward` gives one gradient (or null) per argument of `forward`.
 */
// biome-ignore lint/suspicious/noShadowRestrictedNames: PyTorch's name; users write autograd.Function.
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's shape of a custom op: users subclass it and never make one.
export class Function {
  /** Set to true on a subclass whose backward is not itself differentiable. */
  static readonly onceDifferentiable: boolean = false;

  /** Runs `forward` outside the graph and records one node whose gradients come from `backward`. */
  static apply<F extends FunctionClass>(this: F, ...args: ForwardArgs<F>): ForwardResult<F> {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the user's subclass.
    return applyFunction(this, args) as ForwardResult<F>;
  }
}

function applyFunction(cls: FunctionClass, args: readonly unknown[]): unknown {
  const start = watch.observer === null ? 0 : now();
  // Forward's own calls move the site on; what they make belongs to the call of apply.
  const at = site.current;
  const ctx = new FunctionCtx();
  const tensors = args.map((arg) => (arg instanceof Tensor ? arg : null));
  const recording = isRecording() && tensors.some((x) => x?.requiresGrad === true);
  ctx.needsInputGrad = tensors.map((x) => x?.requiresGrad === true);
  const raw = withGrad(false, () => cls.forward(ctx, ...(args as never[])));
  site.current = at;
  const single = !Array.isArray(raw);
  const said = FunctionCtx.read(ctx);
  const results = (single ? [raw] : raw) as readonly unknown[];
  checkDirty(said.dirty, results, recording);
  const edges = tensors.map((x) => (x === null ? null : (x.gradFn ?? (x.leafRequiresGrad ? accumulatorOf(x) : null))));
  const indices = tensors.map((x) => (x === null || x.gradFn === null ? 0 : x.outputIndex));
  const node = recording ? new FunctionNode(cls, ctx, edges, indices, tensors) : null;
  const differentiable = results.filter((out) => isDifferentiable(out, said));
  const outputs = results.map((out, i) => {
    if (!(out instanceof Tensor)) return out;
    return wrapOutput(out, i, node, tensors, said, differentiable.length > 1 ? "functions" : "function");
  });
  if (node !== null) node.keep(said.toSave, results, outputs);
  const made = outputs.filter((out) => out instanceof Tensor);
  watch.observer?.op({
    op: null,
    name: cls.name,
    symbol: cls.name,
    inputs: tensors,
    outputs: made,
    attrs: null,
    call: { forward: (...again) => applyFunction(cls, again), args },
    node,
    start,
    end: now(),
  });
  return single ? outputs[0] : outputs;
}

function checkDirty(dirty: ReadonlySet<Tensor>, results: readonly unknown[], recording: boolean): void {
  for (const x of dirty) {
    if (!results.includes(x)) {
      throw new AutogradError(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
      );
    }
    if (recording && x.gradFn === null && x.leafRequiresGrad) {
      throw new AutogradError("a leaf Variable that requires grad has been used in an in-place operation.");
    }
    if (recording && x.viewOf !== null && results.length > 1) {
      throw new AutogradError(
        "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. Clone that input first.",
      );
    }
  }
}

const isDifferentiable = (out: unknown, { nonDifferentiable }: Said): boolean =>
  out instanceof Tensor && isFloat(out.dtype) && !nonDifferentiable.has(out);

function wrapOutput(
  out: Tensor,
  index: number,
  node: FunctionNode | null,
  inputs: readonly (Tensor | null)[],
  said: Said,
  kind: ViewKind,
): Tensor {
  const position = inputs.indexOf(out);
  if (said.dirty.has(out) && (node !== null || !out.requiresGrad)) {
    if (node !== null) {
      checkInPlace(node.name, out);
      node.outputs[index] = { shape: out.shape, dtype: out.dtype };
      rebaseHistory(out, node, index);
    }
    return out;
  }
  // An input returned as it is becomes a new tensor, whose history is this function; without a graph it has none.
  const result =
    position !== -1 || out.gradFn !== null || out.leafRequiresGrad
      ? window(out, out.shape, out.strides, out.offset)
      : out;
  if (position !== -1 && (node !== null || !out.requiresGrad)) markView(result, out, kind);
  else if (out.viewOf !== null && result.viewOf !== null) result.viewOf = { ...out.viewOf, kind };
  if (node !== null) {
    if (isDifferentiable(out, said)) attach(node, result, index);
    else node.outputs[index] = { shape: out.shape, dtype: out.dtype };
  }
  return result;
}

/** The backward step of a custom Function. */
export class FunctionNode extends Node {
  private readonly cls: FunctionClass;
  readonly ctx: FunctionCtx;
  private saved: SavedSlot[] = [];
  private savedVersions: number[] = [];
  private readonly isTensor: readonly boolean[];

  constructor(
    cls: FunctionClass,
    ctx: FunctionCtx,
    next: (Node | null)[],
    nextIndex: number[],
    inputs: readonly (Tensor | null)[],
  ) {
    super(`${cls.name}Backward`, next, nextIndex);
    this.cls = cls;
    this.ctx = ctx;
    this.isTensor = inputs.map((x) => x !== null);
  }

  /** Saves what forward asked for; an output is saved as the tensor that the caller got. */
  keep(toSave: readonly (Tensor | null)[], raw: readonly unknown[], outputs: readonly unknown[]): void {
    const found = toSave.map((x) => {
      const at = x === null ? -1 : raw.indexOf(x);
      return at === -1 ? x : (outputs[at] as Tensor);
    });
    this.saved = found.map((x) => save(x));
    this.savedVersions = found.map((x) => x?.storage.version ?? 0);
    FunctionCtx.bind(this.ctx, this);
  }

  override get runsOnNothing(): boolean {
    return true;
  }

  unpackAll(): (Tensor | null)[] {
    return this.saved.map((slot, i) => unpack(slot, this.savedVersions[i]) as Tensor | null);
  }

  run(gradOutputs: Gradients): Gradients {
    const { cls, ctx } = this;
    if (cls.backward === undefined) {
      throw new AutogradError(
        `You must implement the static backward method of your custom autograd.Function '${cls.name}' to use it in backward.`,
      );
    }
    const given = ctx.materializeGrads ? gradOutputs.map((g, i) => g ?? zerosFor(this.outputs[i])) : gradOutputs;
    for (const g of given) if (g !== null) g.storage.handed = SHARED;
    const once = cls.onceDifferentiable === true;
    const call = (): unknown => (cls.backward as (ctx: FunctionCtx, ...grads: Gradients) => unknown)(ctx, ...given);
    const result = once ? withGrad(false, call) : call();
    const grads = this.checked(Array.isArray(result) ? result : [result]);
    return once && isGradEnabled() ? grads.map((g) => (g === null ? null : undifferentiable(g, given))) : grads;
  }

  private checked(result: unknown[]): Gradients {
    const n = this.next.length;
    let grads = result;
    // PyTorch forgives trailing nulls.
    while (grads.length > n && (grads[grads.length - 1] === null || grads[grads.length - 1] === undefined))
      grads = grads.slice(0, -1);
    if (grads.length !== n) {
      throw new AutogradError(
        `function ${this.name} returned an incorrect number of gradients (expected ${n}, got ${grads.length})`,
      );
    }
    return grads.map((g, i) => {
      if (g === null || g === undefined) return null;
      if (!(g instanceof Tensor))
        throw new AutogradError(`function ${this.name}: expected Tensor or null at index ${i} (got ${typeof g})`);
      if (!this.isTensor[i]) {
        throw new AutogradError(
          `function ${this.name} returned a gradient different from null at position ${i}, but the corresponding forward input was not a Tensor`,
        );
      }
      g.storage.handed = SHARED;
      return g;
    });
  }

  override get kept(): readonly unknown[] {
    return this.saved;
  }

  override get keptVersions(): readonly number[] {
    return this.savedVersions;
  }

  override release(): void {
    this.saved = this.saved.map((slot) => (slot === null ? null : FREED));
  }
}

/** What counts as no gradient of an output; one that is no tensor has none. */
const zerosFor = (output: OutputMeta | undefined): Tensor | null =>
  output === undefined ? null : empty(output.shape, output.dtype);

/** A gradient of a once-differentiable backward: differentiating it again is an error. */
function undifferentiable(grad: Tensor, given: Gradients): Tensor {
  const source = given.find((g) => g?.requiresGrad);
  if (source === undefined || source === null) return grad;
  const out = grad.detach();
  attach(new OnceDifferentiable(source.gradFn ?? accumulatorOf(source), source.outputIndex), out, 0);
  return out;
}

class OnceDifferentiable extends Node {
  constructor(next: Node, index: number) {
    super("Error", [next], [index]);
  }

  run(): Gradients {
    throw new AutogradError("trying to differentiate twice a function that was marked with onceDifferentiable");
  }
}
