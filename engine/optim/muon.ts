import { densely, type Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { type Loose, withDefaults } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { moveBy } from "../kernels/adafactor.ts";
import { muonDirection } from "../kernels/optimizers.ts";
import { orthogonalize } from "../kernels/orthogonalize.ts";
import { checkAtLeast } from "./checks.ts";
import { Optimizer, overwrite, zerosFor } from "./optimizer.ts";
import type { ParamGroup, Params } from "./paramGroups.ts";

/** Options of `Muon`. */
export interface MuonOptions {
  /** The learning rate. */
  lr: number;
  weightDecay: number;
  momentum: number;
  /** Look ahead along the momentum. */
  nesterov: boolean;
  /** Of the polynomial that takes singular values towards 1. */
  nsCoefficients: readonly [number, number, number];
  /** The least norm of a direction to divide by. */
  eps: number;
  /** How often the polynomial is applied. */
  nsSteps: number;
  /** How the rate depends on the shape: "original" (null, too) steps further for tall matrices, "match_rms_adamw" as far as AdamW. */
  adjustLrFn: "original" | "match_rms_adamw" | null;
}

const DEFAULTS: MuonOptions = {
  lr: 1e-3,
  weightDecay: 0.1,
  momentum: 0.95,
  nesterov: true,
  nsCoefficients: [3.4445, -4.775, 2.0315],
  eps: 1e-7,
  nsSteps: 5,
  adjustLrFn: null,
};

type State = { momentumBuffer: Tensor };

/** Momentum whose direction, a matrix, is made orthogonal, for the weights of hidden layers; others take AdamW. */
export class Muon extends Optimizer<MuonOptions> {
  constructor(params: Params<MuonOptions>, options?: Loose<MuonOptions>) {
    super(params, withDefaults("Muon", options, DEFAULTS));
  }

  protected override knowsItsOptions(): boolean {
    return true;
  }

  protected override checkOptions(options: MuonOptions): void {
    checkAtLeast("Muon", "Learning rate", options.lr, 0);
    checkAtLeast("Muon", "momentum", options.momentum, 0);
    checkAtLeast("Muon", "weight decay", options.weightDecay, 0);
    const { adjustLrFn } = options;
    if (adjustLrFn !== null && adjustLrFn !== "original" && adjustLrFn !== "match_rms_adamw")
      throw new ArgumentError("Muon", `Adjust learning rate function ${String(adjustLrFn)} is not supported`);
    if (options.nsSteps >= 100)
      throw new ArgumentError("Muon", "Number of steps must be less than 100 for computational efficiency");
    if (options.nsCoefficients.length !== 3)
      throw new ArgumentError("Muon", "Coefficients must be a tuple of exactly 3 values");
  }

  protected override checkParameters(params: readonly Tensor[]): void {
    for (const p of params) checkMatrix(p);
  }

  protected override update(p: Tensor, grad: Tensor, group: ParamGroup<MuonOptions>): void {
    const { momentumBuffer } = this.stateOf<State>(p, () => ({ momentumBuffer: zerosFor(p) }));
    const { storage, offset } = densely(grad);
    const direction = muonDirection(storage.values, offset, momentumBuffer.storage.values, group);
    const [rows, columns] = p.shape;
    const iteration = { coefficients: group.nsCoefficients, steps: group.nsSteps, eps: group.eps };
    const update = orthogonalize(direction, rows, columns, iteration);
    overwrite(p, grad, (values, at, _grads, _gradsAt, from, to) =>
      moveBy(values, at, from, to, 1 - group.lr * group.weightDecay, adjustedRate(group, rows, columns), update),
    );
  }
}

function checkMatrix({ shape }: Tensor): void {
  if (shape.length === 2) return;
  const found = `Muon only supports 2D parameters whereas we found a parameter with size: ${showShape(shape)}`;
  throw new ArgumentError("Muon", `${found}. Give the others to AdamW.`);
}

function adjustedRate({ lr, adjustLrFn }: MuonOptions, rows: number, columns: number): number {
  if (adjustLrFn === "match_rms_adamw") return lr * 0.2 * Math.sqrt(Math.max(rows, columns));
  return lr * Math.sqrt(Math.max(1, rows / columns));
}
