import { empty, type Tensor } from "../autograd/tensor.ts";
import { byPosition } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { gruStep, lstmStep, reluStep, type State, type Step, tanhStep } from "./recurrentSteps.ts";
import { newParameter, settings } from "./settings.ts";

interface CellOptions {
  bias: boolean;
  dtype: DType;
}

const CELL: CellOptions = { bias: true, dtype: "float32" };

/** The arguments in their places, whether the two sizes came by position or by name. */
export const sizesFirst = <Args extends readonly unknown[]>(op: string, args: readonly unknown[]) =>
  byPosition(op, args, ["inputSize", "hiddenSize"]) as unknown as [number, number, ...Args];

/** What the cells share: `gates` counts how often the hidden size their weights are high. */
abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | null;
  biasHh: Parameter | null;

  constructor(inputSize: number, hiddenSize: number, gates: number, { bias, dtype }: CellOptions) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weightIh = newParameter([gates * hiddenSize, inputSize], dtype);
    this.weightHh = newParameter([gates * hiddenSize, hiddenSize], dtype);
    this.biasIh = bias ? newParameter([gates * hiddenSize], dtype) : null;
    this.biasHh = bias ? newParameter([gates * hiddenSize], dtype) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh === null ? `, ${showOptions({ bias: false })}` : ""}`;
  }

  /** One step; a single sample may come without the batch dimension. */
  protected run(step: Step, input: Tensor, state: State | undefined, parts: 1 | 2): State {
    const op = this.constructor.name;
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new ShapeError(op, `Expected input to be 1D or 2D, got ${input.ndim}D instead (${showShape(input.shape)})`);
    }
    const single = input.ndim === 1;
    const rows = single ? input.unsqueeze(0) : input;
    if (rows.shape[1] !== this.inputSize) {
      throw new ShapeError(op, `input has inconsistent inputSize: got ${rows.shape[1]}, expected ${this.inputSize}`);
    }
    const zeros = (): Tensor => empty([rows.shape[0], this.hiddenSize], input.dtype);
    const given = state?.map((part) => (single ? (part as Tensor).unsqueeze(0) : (part as Tensor)));
    const before = given ?? Array.from({ length: parts }, zeros);
    for (const part of before) this.checkState(part, rows.shape[0]);
    const { weightIh, weightHh, biasIh, biasHh } = this;
    const gates = F.linear(rows, weightIh, biasIh);
    const after = step(gates, before as unknown as State, { weightIh, weightHh, biasIh, biasHh, weightHr: null });
    return (single ? after.map((part) => (part as Tensor).squeeze(0)) : after) as unknown as State;
  }

  private checkState(state: Tensor, rows: number): void {
    if (state.ndim === 2 && state.shape[0] === rows && state.shape[1] === this.hiddenSize) return;
    throw new ShapeError(
      this.constructor.name,
      `hidden has inconsistent hiddenSize: got ${showShape(state.shape)}, expected ${showShape([rows, this.hiddenSize])}`,
    );
  }
}

/** How an RNN bounds its state. */
export type RnnNonlinearity = "tanh" | "relu";

interface RnnCellOptions extends CellOptions {
  nonlinearity: RnnNonlinearity;
}

/** h′ = tanh(W x + b + W h + b) */
export class RNNCell extends Cell {
  /** `"tanh"` or `"relu"`. */
  readonly nonlinearity: RnnNonlinearity;

  constructor(options: { readonly inputSize: number; readonly hiddenSize: number } & Loose<RnnCellOptions>);
  constructor(
    inputSize: number,
    hiddenSize: number,
    ...options: PositionalArgs<[bias: boolean, nonlinearity: RnnNonlinearity], RnnCellOptions>
  );
  constructor(...args: readonly unknown[]) {
    const [inputSize, hiddenSize, ...options] = sizesFirst<
      PositionalArgs<[bias: boolean, nonlinearity: RnnNonlinearity], RnnCellOptions>
    >(new.target.name, args);
    const read = settings<RnnCellOptions>("RNNCell", options, { bias: true, nonlinearity: "tanh", dtype: "float32" });
    super(inputSize, hiddenSize, 1, read);
    this.nonlinearity = checkedNonlinearity("RNNCell", read.nonlinearity);
  }

  override forward(input: Tensor, hidden?: Tensor): Tensor {
    const step = this.nonlinearity === "tanh" ? tanhStep : reluStep;
    return this.run(step, input, hidden === undefined ? undefined : [hidden], 1)[0];
  }
}

/** A long short-term memory cell: gives hidden and cell state. */
export class LSTMCell extends Cell {
  constructor(options: { readonly inputSize: number; readonly hiddenSize: number } & Loose<CellOptions>);
  constructor(inputSize: number, hiddenSize: number, ...options: PositionalArgs<[bias: boolean], CellOptions>);
  constructor(...args: readonly unknown[]) {
    const [inputSize, hiddenSize, ...options] = sizesFirst<PositionalArgs<[bias: boolean], CellOptions>>(
      new.target.name,
      args,
    );
    super(inputSize, hiddenSize, 4, settings("LSTMCell", options, CELL));
  }

  override forward(input: Tensor, state?: readonly [hidden: Tensor, cell: Tensor]): [hidden: Tensor, cell: Tensor] {
    const [hidden, cell] = this.run(lstmStep, input, state, 2);
    return [hidden, cell as Tensor];
  }
}

/** A gated recurrent unit. */
export class GRUCell extends Cell {
  constructor(options: { readonly inputSize: number; readonly hiddenSize: number } & Loose<CellOptions>);
  constructor(inputSize: number, hiddenSize: number, ...options: PositionalArgs<[bias: boolean], CellOptions>);
  constructor(...args: readonly unknown[]) {
    const [inputSize, hiddenSize, ...options] = sizesFirst<PositionalArgs<[bias: boolean], CellOptions>>(
      new.target.name,
      args,
    );
    super(inputSize, hiddenSize, 3, settings("GRUCell", options, CELL));
  }

  override forward(input: Tensor, hidden?: Tensor): Tensor {
    return this.run(gruStep, input, hidden === undefined ? undefined : [hidden], 1)[0];
  }
}

/** Throws unless it is one of the two. */
export function checkedNonlinearity(op: string, nonlinearity: RnnNonlinearity): RnnNonlinearity {
  if (nonlinearity === "tanh" || nonlinearity === "relu") return nonlinearity;
  throw new ArgumentError(op, `Unknown nonlinearity '${String(nonlinearity)}'. Select from 'tanh' or 'relu'.`);
}
