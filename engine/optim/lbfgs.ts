import { enableGrad } from "../autograd/modes.ts";
import { fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError } from "../base/errors.ts";
import { type Loose, withDefaults } from "../base/options.ts";
import { checkRate } from "./checks.ts";
import { addScaled, dot, FlatParameters, largest } from "./flat.ts";
import { type Closure, Optimizer } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";
import type { OptimizerStateDict } from "./stateDict.ts";
import { type Point, strongWolfe } from "./strongWolfe.ts";

export interface LBFGSOptions {
  lr: number;
  /** Iterations per step. */
  maxIter: number;
  /** Evaluations of the closure per step; null means 1.25 · maxIter. */
  maxEval: number | null;
  /** Stop when no gradient is larger. */
  toleranceGrad: number;
  /** Stop when neither parameters nor loss change by more. */
  toleranceChange: number;
  /** How many earlier moves shape the direction. */
  historySize: number;
  lineSearchFn: "strong_wolfe" | null;
}

const DEFAULTS: LBFGSOptions = {
  lr: 1,
  maxIter: 20,
  maxEval: null,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearchFn: null,
};

/** How the gradient changed (`y`) over a move (`s`), and 1 / (y · s). */
interface Move {
  readonly y: Float64Array;
  readonly s: Float64Array;
  readonly rho: number;
}

/** Where the last iteration stood. */
interface Last {
  readonly direction: Float64Array;
  readonly t: number;
  readonly gradient: Float64Array;
}

/**
 * L-BFGS: steps along an estimate of the Newton direction. `step` takes a closure that clears the gradients, computes
 * the loss, calls backward and gives the loss.
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  private readonly flat: FlatParameters;
  private moves: Move[] = [];
  /** How much the inverse Hessian is believed to scale before any move counts. */
  private scale = 1;
  private last: Last | null = null;

  constructor(params: Params<LBFGSOptions>, options?: Loose<LBFGSOptions>) {
    super(params, withDefaults("LBFGS", options, DEFAULTS));
    if (this.paramGroups.length !== 1) {
      throw new ArgumentError("LBFGS", "LBFGS doesn't support per-parameter options (parameter groups)");
    }
    this.flat = new FlatParameters(this.paramGroups[0].params);
  }

  protected override knowsItsOptions(): boolean {
    return true;
  }

  protected override checkOptions(options: LBFGSOptions): void {
    checkRate("LBFGS", options.lr);
    const { lineSearchFn } = options;
    if (lineSearchFn !== null && lineSearchFn !== "strong_wolfe") {
      throw new ArgumentError(
        "LBFGS",
        `only 'strong_wolfe' is supported as lineSearchFn, but got '${String(lineSearchFn)}'`,
      );
    }
  }

  /** Moves the parameters up to `maxIter` times. Gives the loss of the closure's first call. */
  override step(closure?: Closure): Tensor | number {
    if (closure === undefined) {
      throw new AutogradError(
        "LBFGS.step() needs a closure that clears the gradients, computes the loss, calls backward and returns the loss.",
        "LBFGS",
      );
    }
    const group = this.paramGroups[0];
    const evaluate = (): number => lossValue(enableGrad(closure));
    const loss = enableGrad(closure);
    this.iterate(group, lossValue(loss), evaluate);
    return loss;
  }

  protected override pack(): OptimizerStateDict {
    const { last } = this;
    if (last !== null) {
      this.state.set(this.paramGroups[0].params[0], {
        d: vector(last.direction),
        t: last.t,
        prevFlatGrad: vector(last.gradient),
        oldDirs: this.moves.map(({ y }) => vector(y)),
        oldStps: this.moves.map(({ s }) => vector(s)),
        ro: this.moves.map(({ rho }) => rho),
        hDiag: this.scale,
      });
    }
    return super.pack();
  }

  protected override unpack(dict: OptimizerStateDict): void {
    super.unpack(dict);
    const saved = this.state.get(this.paramGroups[0].params[0]) as Saved | undefined;
    this.moves = (saved?.ro ?? []).map((rho, i) => ({
      y: numbers(saved?.oldDirs[i]),
      s: numbers(saved?.oldStps[i]),
      rho,
    }));
    this.scale = saved?.hDiag ?? 1;
    this.last =
      saved === undefined ? null : { direction: numbers(saved.d), t: saved.t, gradient: numbers(saved.prevFlatGrad) };
  }

  private iterate(group: ParamGroup<LBFGSOptions>, first: number, evaluate: () => number): void {
    const { maxIter, toleranceGrad, toleranceChange } = group;
    const maxEval = group.maxEval ?? Math.floor((maxIter * 5) / 4);
    let value = first;
    let gradient = this.flat.readGradients();
    let evaluations = 1;
    if (largest(gradient) <= toleranceGrad) return;
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      const direction = this.directionFor(gradient, group.historySize);
      const before = value;
      let t = this.last === null ? Math.min(1, 1 / sumOfSizes(gradient)) * group.lr : group.lr;
      const slope = dot(gradient, direction);
      const start: Point = { t: 0, value, gradient, slope };
      this.last = { direction, t, gradient };
      if (slope > -toleranceChange) return;
      if (group.lineSearchFn !== null) {
        const found = this.search(evaluate, t, direction, start, toleranceChange);
        ({ t, value, gradient } = found.point);
        this.last = { direction, t, gradient: start.gradient };
        evaluations += found.evaluations;
      } else {
        this.flat.write(this.flat.read(), t, direction);
        if (iteration === maxIter) return;
        value = evaluate();
        gradient = this.flat.readGradients();
        evaluations++;
      }
      if (evaluations >= maxEval || largest(gradient) <= toleranceGrad) return;
      if (largest(direction) * Math.abs(t) <= toleranceChange || Math.abs(value - before) < toleranceChange) return;
    }
  }

  /** Searches along the direction and leaves the parameters at what it found. */
  private search(evaluate: () => number, t: number, direction: Float64Array, start: Point, tolerance: number) {
    const x = this.flat.read();
    const valueAt = (step: number): { value: number; gradient: Float64Array } => {
      this.flat.write(x, step, direction);
      return { value: evaluate(), gradient: this.flat.readGradients() };
    };
    const found = strongWolfe(valueAt, t, direction, start, tolerance);
    this.flat.write(x, found.point.t, direction);
    return found;
  }

  /** −H · gradient by the two-loop recursion over the remembered moves. */
  private directionFor(gradient: Float64Array, historySize: number): Float64Array {
    const { last } = this;
    const direction = gradient.map((g) => -g);
    if (last === null) return direction;
    this.remember(gradient, last, historySize);
    const shares = new Array<number>(this.moves.length);
    for (let i = this.moves.length - 1; i >= 0; i--) {
      const { s, y, rho } = this.moves[i];
      shares[i] = dot(s, direction) * rho;
      addScaled(direction, -shares[i], y);
    }
    for (let i = 0; i < direction.length; i++) direction[i] *= this.scale;
    this.moves.forEach(({ s, y, rho }, i) => {
      addScaled(direction, shares[i] - dot(y, direction) * rho, s);
    });
    return direction;
  }

  private remember(gradient: Float64Array, last: Last, historySize: number): void {
    const y = gradient.map((g, i) => g - last.gradient[i]);
    const s = last.direction.map((d) => d * last.t);
    const ys = dot(y, s);
    // A move along which the gradient does not grow says nothing about a minimum.
    if (!(ys > 1e-10)) return;
    if (this.moves.length === historySize) this.moves.shift();
    this.moves.push({ y, s, rho: 1 / ys });
    this.scale = ys / dot(y, y);
  }
}

/** The memory as it stands in a state dict, by PyTorch's names. */
type Saved = {
  d: Tensor;
  t: number;
  prevFlatGrad: Tensor;
  oldDirs: Tensor[];
  oldStps: Tensor[];
  ro: number[];
  hDiag: number;
};

const vector = (values: Float64Array): Tensor => fromBuffer(values, [values.length], "float64");
const numbers = (x: Tensor | undefined): Float64Array => Float64Array.from(x?.toArray() ?? []);

const lossValue = (loss: Tensor | number): number => (typeof loss === "number" ? loss : loss.item());

function sumOfSizes(a: Float64Array): number {
  let total = 0;
  for (const value of a) total += Math.abs(value);
  return total;
}
