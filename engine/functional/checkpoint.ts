import { enableGrad, isGradEnabled } from "../autograd/modes.ts";
import { unseen } from "../autograd/observer.ts";
import { type SavedSlot, save, savedTensorsHooks, unpack } from "../autograd/saved.ts";
import { site } from "../autograd/sites.ts";
import { Tensor } from "../autograd/tensor.ts";
import { AutogradError, checkOptions, GradlensError } from "../base/errors.ts";
import { getRngState, setRngState } from "../base/random.ts";
import { showShape } from "../base/shape.ts";

/** The second run of a checkpointed function was not like the first. */
export class CheckpointError extends GradlensError {}

/** Options of `checkpoint`, after the function's arguments. */
export interface CheckpointOptions {
  /** Only false is supported: the function is run again under saved-tensor hooks. */
  readonly useReentrant?: boolean;
  /** Replay random numbers, so that dropout drops the same elements. Default true. */
  readonly preserveRngState?: boolean;
  /** "default": shapes and dtypes of what is saved must agree; "none": no check. */
  readonly determinismCheck?: "default" | "none";
  /** Stop the second run when everything needed is there. Default true. */
  readonly earlyStop?: boolean;
}

const OPTIONS = ["useReentrant", "preserveRngState", "determinismCheck", "earlyStop"] as const;

/**
 * Runs `fn(...args)` without keeping what it saves for backward; backward runs it again to get that back. Trades time
 * for memory. Options may follow the arguments.
 *
 * @throws CheckpointError in backward, when the second run saves other tensors than the first.
 */
export function checkpoint<Args extends readonly unknown[], R>(
  fn: (...args: Args) => R,
  ...rest: [...args: Args] | [...args: Args, options: CheckpointOptions]
): R {
  const { args, options } = split<Args>(rest);
  if (options.useReentrant === true) {
    throw new AutogradError(
      "checkpoint(): useReentrant: true is not supported; leave it out, which works with autograd.grad and hooks too.",
      "checkpoint",
    );
  }
  if (!isGradEnabled()) return fn(...args);
  const frame = new Frame(fn as (...args: readonly unknown[]) => unknown, args, options);
  return savedTensorsHooks(
    (x) => frame.pack(x),
    (slot) => frame.unpack(slot as Slot),
    () => fn(...args),
  );
}

/**
 * Runs functions or modules one after the other, in `segments` parts of about the same length; each part but the last is
 * checkpointed.
 */
export function checkpointSequential(
  functions: Iterable<Stage>,
  segments: number,
  input: Tensor,
  options: CheckpointOptions = {},
): Tensor {
  checkOptions("checkpointSequential", options, OPTIONS);
  const stages = [...functions];
  if (!Number.isInteger(segments) || segments < 1 || segments > stages.length) {
    throw new GradlensError(
      `checkpointSequential(): expected segments to be a whole number from 1 to ${stages.length}, the number of functions, but got ${segments}`,
    );
  }
  const run = (part: readonly Stage[], x: Tensor): Tensor =>
    part.reduce((value, stage) => (typeof stage === "function" ? stage(value) : (stage.forward(value) as Tensor)), x);
  const size = Math.floor(stages.length / segments);
  let x = input;
  for (let i = 0; i < segments - 1; i++) {
    const part = stages.slice(i * size, (i + 1) * size);
    x = checkpoint((value: Tensor) => run(part, value), x, options);
  }
  return run(stages.slice((segments - 1) * size), x);
}

/** A function, or a module. */
type Stage = ((x: Tensor) => Tensor) | { forward(x: Tensor): unknown };

function split<Args extends readonly unknown[]>(rest: readonly unknown[]): { args: Args; options: CheckpointOptions } {
  const last = rest[rest.length - 1];
  const isOptions =
    typeof last === "object" &&
    last !== null &&
    Object.getPrototypeOf(last) === Object.prototype &&
    Object.keys(last).length > 0 &&
    Object.keys(last).every((key) => (OPTIONS as readonly string[]).includes(key));
  if (!isOptions) return { args: rest as unknown as Args, options: {} };
  checkOptions("checkpoint", last, OPTIONS);
  return { args: rest.slice(0, -1) as unknown as Args, options: last as CheckpointOptions };
}

/** Stands for a tensor that was not kept. */
interface Slot {
  readonly index: number;
}

/** Ends the second run early; never seen outside. */
class EnoughRecomputed extends Error {}

/** One checkpointed call: what it would have saved, and how to get it again. */
class Frame {
  private readonly fn: (...args: readonly unknown[]) => unknown;
  private readonly args: readonly unknown[];
  private readonly options: CheckpointOptions;
  private readonly rng: unknown;
  private readonly saved: { readonly shape: readonly number[]; readonly dtype: string }[] = [];
  private recomputed: (Tensor | null)[] | null = null;

  constructor(fn: (...args: readonly unknown[]) => unknown, args: readonly unknown[], options: CheckpointOptions) {
    this.fn = fn;
    this.args = args.map((arg) => (arg instanceof Tensor ? new SavedArgument(arg) : arg));
    this.options = options;
    this.rng = options.preserveRngState === false ? null : getRngState();
  }

  pack(x: Tensor): Slot {
    this.saved.push({ shape: x.shape, dtype: x.dtype });
    return { index: this.saved.length - 1 };
  }

  /** Gives a tensor back once; the last use of all frees what the second run made. */
  unpack({ index }: Slot): Tensor {
    if (this.recomputed === null || this.recomputed[index] === null) this.recomputed = this.recompute();
    const found = this.recomputed[index];
    if (found === null || found === undefined)
      throw new CheckpointError(
        `checkpoint: a saved tensor is missing after running the function again.`,
        "checkpoint",
      );
    this.recomputed[index] = null;
    return found;
  }

  private recompute(): Tensor[] {
    const found: Tensor[] = [];
    const outside = this.rng === null ? null : getRngState();
    const asked = site.current; // the function sets its own call sites again
    if (this.rng !== null) setRngState(this.rng as ReturnType<typeof getRngState>);
    const args = this.args.map((arg) => (arg instanceof SavedArgument ? arg.again() : arg));
    try {
      enableGrad(() =>
        savedTensorsHooks(
          (x) => {
            found.push(unseen(() => x.detach())); // without the graph that running it again makes
            if (this.options.earlyStop !== false && found.length === this.saved.length) throw new EnoughRecomputed();
            return x;
          },
          (x) => x as Tensor,
          () => this.fn(...args),
        ),
      );
    } catch (error) {
      if (!(error instanceof EnoughRecomputed)) throw error;
    } finally {
      site.current = asked;
      if (outside !== null) setRngState(outside);
    }
    this.check(found);
    return found;
  }

  private check(found: readonly Tensor[]): void {
    if (found.length !== this.saved.length) {
      throw new CheckpointError(
        `checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: ${this.saved.length}\nNumber of tensors saved during recomputation: ${found.length}.\nThe function must do the same when it runs again: look for state that the first run changed.`,
        "checkpoint",
      );
    }
    if (this.options.determinismCheck === "none") return;
    const differing = found.flatMap((x, i) => {
      const { shape, dtype } = this.saved[i];
      if (x.dtype === dtype && showShape(x.shape) === showShape(shape)) return [];
      return [
        `tensor at position ${i}:\nsaved metadata: ${dtype} ${showShape(shape)}\nrecomputed metadata: ${x.dtype} ${showShape(x.shape)}`,
      ];
    });
    if (differing.length > 0) {
      throw new CheckpointError(
        `checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n${differing.join("\n")}`,
        "checkpoint",
      );
    }
  }
}

/** A tensor that the function was called with: saved as ops save theirs, so that hooks see it and in-place changes are noticed. */
class SavedArgument {
  private readonly slot: SavedSlot;
  private readonly version: number;
  private readonly requiresGrad: boolean;

  constructor(x: Tensor) {
    this.slot = save(x);
    this.version = x.storage.version;
    this.requiresGrad = x.requiresGrad;
  }

  /** The same values outside the graph; recording begins here again for what required grad. */
  again(): Tensor {
    const copy = (unpack(this.slot, this.version) as Tensor).detach();
    return this.requiresGrad ? copy.requiresGrad_() : copy;
  }
}
