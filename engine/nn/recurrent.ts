import { empty, type Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { wholeNumber } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { cat, stack } from "../ops/joining.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { propertyOf } from "./own.ts";
import { PackedSequence } from "./packedSequences.ts";
import type { Parameter } from "./parameter.ts";
import { checkedNonlinearity, type RnnNonlinearity, sizesFirst } from "./recurrentCells.ts";
import { gruStep, lstmStep, reluStep, type State, type Step, type StepWeights, tanhStep } from "./recurrentSteps.ts";
import { newParameter, settings } from "./settings.ts";

interface LayerOptions {
  /** Layers one above the other. */
  numLayers: number;
  bias: boolean;
  /** Whether the batch comes before time: [n, time, features]. */
  batchFirst: boolean;
  /** How much of each layer's output but the last's is dropped in training. */
  dropout: number;
  /** Run a second time from the end. */
  bidirectional: boolean;
  dtype: DType;
}

const LAYER: LayerOptions = {
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
  dtype: "float32",
};

/**
 * What the recurrent layers share. Parameters are named as PyTorch's: `weightIhL0`, `weightHhL0`, `biasIhL0`, `biasHhL0`,
 * those of layer 1 end in `L1`, those of the way back in `Reverse`.
 */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly projSize: number;
  declare weightIhL0: Parameter;
  declare weightHhL0: Parameter;
  declare biasIhL0: Parameter;
  declare biasHhL0: Parameter;

  constructor(inputSize: number, hiddenSize: number, gates: number, options: LayerOptions, projSize = 0) {
    super();
    const op = new.target.name;
    checkSizes(op, inputSize, hiddenSize, options);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = options.numLayers;
    this.bias = options.bias;
    this.batchFirst = options.batchFirst;
    this.dropout = options.dropout;
    this.bidirectional = options.bidirectional;
    this.projSize = projSize;
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (const suffix of this.suffixes(layer)) this.addWeights(suffix, layer, gates, options.dtype);
    }
    this.resetParameters();
  }

  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  override extraRepr(): string {
    const { numLayers, bias, batchFirst, dropout, bidirectional, projSize } = this;
    const unusual = showOptions({
      projSize: projSize === 0 ? undefined : projSize,
      numLayers: numLayers === 1 ? undefined : numLayers,
      bias: bias ? undefined : false,
      batchFirst: batchFirst ? true : undefined,
      dropout: dropout === 0 ? undefined : dropout,
      bidirectional: bidirectional ? true : undefined,
    });
    return `${this.inputSize}, ${this.hiddenSize}${unusual === "" ? "" : `, ${unusual}`}`;
  }

  /** Runs all layers on sequences of one length, or packed ones. */
  protected runEither(
    step: Step,
    input: Tensor | PackedSequence,
    states: readonly Tensor[] | undefined,
    stateSizes: readonly number[],
  ): { output: Tensor | PackedSequence; states: Tensor[] } {
    if (input instanceof PackedSequence) return this.runPacked(step, input, states, stateSizes);
    return this.run(step, input, states, stateSizes);
  }

  /** Runs all layers. `states` are [layers · directions, n, size] each; a single sample may come without the batch dimension. */
  private run(step: Step, input: Tensor, states: readonly Tensor[] | undefined, stateSizes: readonly number[]) {
    const op = this.constructor.name;
    if (input.ndim !== 2 && input.ndim !== 3) {
      throw new ShapeError(op, `Expected input to be 2D or 3D, got ${input.ndim}D instead (${showShape(input.shape)})`);
    }
    const single = input.ndim === 2;
    const timeFirst = single ? input.unsqueeze(1) : this.batchFirst ? input.transpose(0, 1) : input;
    this.checkInput(timeFirst);
    const n = timeFirst.shape[1];
    const shapes = stateSizes.map((size) => [this.numLayers * this.directions, n, size]);
    const given = states?.map((state) => (single ? state.unsqueeze(1) : state));
    const before = shapes.map((shape, i) => this.checkedState(given?.[i] ?? empty(shape, input.dtype), shape));
    const { output, last } = this.runLayers(step, timeFirst, before);
    const after = before.map((_, part) => stack(last.map((state) => state[part] as Tensor)));
    if (single) return { output: output.squeeze(1), states: after.map((state) => state.squeeze(1)) };
    return { output: this.batchFirst ? output.transpose(0, 1) : output, states: after };
  }

  /** The same for packed sequences: every time step is one for those sequences alone that have it. */
  private runPacked(
    step: Step,
    input: PackedSequence,
    states: readonly Tensor[] | undefined,
    stateSizes: readonly number[],
  ) {
    const op = this.constructor.name;
    const { data, batchSizes, sortedIndices, unsortedIndices } = input;
    if (data.ndim !== 2) throw new ShapeError(op, `Expected packed data to be 2D, got ${showShape(data.shape)}`);
    this.checkInput(data.unsqueeze(1));
    const sizes = [...batchSizes.toArray()];
    const shapes = stateSizes.map((size) => [this.numLayers * this.directions, sizes[0], size]);
    const inOrder = (x: Tensor, order: Tensor | null): Tensor => (order === null ? x : x.indexSelect(1, order));
    const before = shapes.map((shape, i) => {
      const given = states?.[i];
      return given === undefined ? empty(shape, data.dtype) : inOrder(this.checkedState(given, shape), sortedIndices);
    });
    const { output, last } = this.runLayers(step, data, before, (...args) => runPackedTimes(sizes, ...args));
    const after = before.map((_, part) => stack(last.map((state) => state[part] as Tensor)));
    return { output: input.withData(output), states: after.map((state) => inOrder(state, unsortedIndices)) };
  }

  private runLayers(
    step: Step,
    input: Tensor,
    before: readonly Tensor[],
    run: typeof runTimes = runTimes,
  ): { output: Tensor; last: State[] } {
    const last: State[] = [];
    let x = input;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = this.suffixes(layer).map((suffix, direction) => {
        const first = before.map((state) => state.select(0, layer * this.directions + direction));
        const ran = run(step, x, first as unknown as State, this.weightsOf(suffix), direction === 1);
        last.push(ran.state);
        return ran.output;
      });
      x = outputs.length === 1 ? outputs[0] : cat(outputs, -1);
      if (this.dropout > 0 && layer < this.numLayers - 1)
        x = F.dropout(x, { p: this.dropout, training: this.training });
    }
    return { output: x, last };
  }

  private get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  private suffixes(layer: number): string[] {
    return this.bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];
  }

  private addWeights(suffix: string, layer: number, gates: number, dtype: DType): void {
    const rows = gates * this.hiddenSize;
    const output = this.projSize > 0 ? this.projSize : this.hiddenSize;
    const from = layer === 0 ? this.inputSize : output * this.directions;
    const add = (name: string, shape: Shape): void => this.registerParameter(name + suffix, newParameter(shape, dtype));
    add("weightIh", [rows, from]);
    add("weightHh", [rows, output]);
    if (this.bias) add("biasIh", [rows]);
    if (this.bias) add("biasHh", [rows]);
    if (this.projSize > 0) add("weightHr", [this.projSize, this.hiddenSize]);
  }

  private weightsOf(suffix: string): StepWeights {
    const named = (name: string): Tensor | null => (propertyOf(this, name + suffix) as Tensor | undefined) ?? null;
    return {
      weightIh: named("weightIh") as Tensor,
      weightHh: named("weightHh") as Tensor,
      biasIh: named("biasIh"),
      biasHh: named("biasHh"),
      weightHr: named("weightHr"),
    };
  }

  private checkInput(input: Tensor): void {
    const features = input.shape[2];
    if (features !== this.inputSize) {
      throw new ShapeError(
        this.constructor.name,
        `input.size(-1) must be equal to inputSize. Expected ${this.inputSize}, got ${features}`,
      );
    }
    if (input.shape[0] === 0)
      throw new ShapeError(this.constructor.name, "Expected sequence length to be larger than 0");
  }

  private checkedState(state: Tensor, shape: Shape): Tensor {
    if (sameShape(state.shape, shape)) return state;
    throw new ShapeError(
      this.constructor.name,
      `Expected hidden size ${showShape(shape)}, got ${showShape(state.shape)}`,
    );
  }
}

/** One layer over all times, from the end when `backward`. */
function runTimes(
  step: Step,
  input: Tensor,
  first: State,
  weights: StepWeights,
  backward: boolean,
): { output: Tensor; state: State } {
  const gates = F.linear(input, weights.weightIh, weights.biasIh).unbind(0);
  const outputs = new Array<Tensor>(gates.length);
  let state = first;
  for (let i = 0; i < gates.length; i++) {
    const t = backward ? gates.length - 1 - i : i;
    state = step(gates[t], state, weights);
    outputs[t] = state[0];
  }
  return { output: stack(outputs), state };
}

/** The same over packed time steps of `sizes` sequences each, the longest first. */
function runPackedTimes(
  sizes: readonly number[],
  step: Step,
  input: Tensor,
  first: State,
  weights: StepWeights,
  backward: boolean,
): { output: Tensor; state: State } {
  const gates = F.linear(input, weights.weightIh, weights.biasIh).split(sizes);
  const outputs = new Array<Tensor>(gates.length);
  let all = first;
  for (let i = 0; i < gates.length; i++) {
    const t = backward ? gates.length - 1 - i : i;
    // Sequences that have ended, or have not begun on the way back, keep their state.
    const state = step(gates[t], part(all, 0, sizes[t]), weights);
    outputs[t] = state[0];
    all = sizes[t] === sizes[0] ? state : joined(state, part(all, sizes[t], sizes[0] - sizes[t]));
  }
  return { output: cat(outputs), state: all };
}

const part = (state: State, start: number, count: number): State =>
  state.map((x) => (x as Tensor).narrow(0, start, count)) as unknown as State;

const joined = (a: State, b: State): State => a.map((x, i) => cat([x as Tensor, b[i] as Tensor])) as unknown as State;

function checkSizes(op: string, inputSize: number, hiddenSize: number, { dropout, numLayers }: LayerOptions): void {
  wholeNumber(op, "hiddenSize", hiddenSize, 1);
  wholeNumber(op, "inputSize", inputSize, 0);
  wholeNumber(op, "numLayers", numLayers, 1);
  if (!(dropout >= 0 && dropout <= 1)) {
    throw new ArgumentError(
      op,
      `dropout should be a number in range [0, 1] representing the probability of an element being zeroed, but got ${dropout}`,
    );
  }
  if (dropout > 0 && numLayers === 1) {
    warn(
      `${op}: dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects numLayers greater than 1.`,
    );
  }
}

interface RnnOptions extends LayerOptions {
  nonlinearity: RnnNonlinearity;
}

/** Recurrent layers h′ = tanh(W x + b + W h + b). Gives all outputs of the last layer, and the last state of each. */
export class RNN extends Recurrent {
  /** `"tanh"` or `"relu"`. */
  readonly nonlinearity: RnnNonlinearity;

  constructor(options: { readonly inputSize: number; readonly hiddenSize: number } & Loose<RnnOptions>);
  constructor(
    inputSize: number,
    hiddenSize: number,
    ...options: PositionalArgs<[numLayers: number, nonlinearity: RnnNonlinearity], RnnOptions>
  );
  constructor(...args: readonly unknown[]) {
    const [inputSize, hiddenSize, ...options] = sizesFirst<
      PositionalArgs<[numLayers: number, nonlinearity: RnnNonlinearity], RnnOptions>
    >(new.target.name, args);
    const { numLayers, ...rest } = LAYER;
    const read = settings<RnnOptions>("RNN", options, { numLayers, nonlinearity: "tanh", ...rest });
    super(inputSize, hiddenSize, 1, read);
    this.nonlinearity = checkedNonlinearity("RNN", read.nonlinearity);
  }

  override forward(input: PackedSequence, hidden?: Tensor): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hidden?: Tensor): [output: Tensor, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hidden?: Tensor): [Tensor | PackedSequence, Tensor] {
    const step = this.nonlinearity === "tanh" ? tanhStep : reluStep;
    const { output, states } = this.runEither(step, input, hidden && [hidden], [this.hiddenSize]);
    return [output, states[0]];
  }
}

interface LstmOptions extends LayerOptions {
  /** Size the outputs are projected to; 0 for none. */
  projSize: number;
}

/** Long short-term memory. Gives all outputs of the last layer, and the last hidden and cell states of each. */
export class LSTM extends Recurrent {
  constructor(options: { readonly inputSize: number; readonly hiddenSize: number } & Loose<LstmOptions>);
  constructor(inputSize: number, hiddenSize: number, ...options: PositionalArgs<[numLayers: number], LstmOptions>);
  constructor(...args: readonly unknown[]) {
    const [inputSize, hiddenSize, ...options] = sizesFirst<PositionalArgs<[numLayers: number], LstmOptions>>(
      new.target.name,
      args,
    );
    const read = settings<LstmOptions>("LSTM", options, { ...LAYER, projSize: 0 });
    if (read.projSize < 0 || read.projSize >= hiddenSize) {
      throw new ArgumentError(
        "LSTM",
        `projSize has to be at least 0 and smaller than hiddenSize, but got ${read.projSize}`,
      );
    }
    super(inputSize, hiddenSize, 4, read, read.projSize);
  }

  override forward(
    input: PackedSequence,
    state?: readonly [hidden: Tensor, cell: Tensor],
  ): [output: PackedSequence, state: [hidden: Tensor, cell: Tensor]];
  override forward(
    input: Tensor,
    state?: readonly [hidden: Tensor, cell: Tensor],
  ): [output: Tensor, state: [hidden: Tensor, cell: Tensor]];
  override forward(
    input: Tensor | PackedSequence,
    state?: readonly [hidden: Tensor, cell: Tensor],
  ): [Tensor | PackedSequence, [Tensor, Tensor]] {
    const sizes = [this.projSize > 0 ? this.projSize : this.hiddenSize, this.hiddenSize];
    const { output, states } = this.runEither(lstmStep, input, state, sizes);
    return [output, [states[0], states[1]]];
  }
}

/** Gated recurrent units. Gives all outputs of the last layer, and the last state of each. */
export class GRU extends Recurrent {
  constructor(options: { readonly inputSize: number; readonly hiddenSize: number } & Loose<LayerOptions>);
  constructor(inputSize: number, hiddenSize: number, ...options: PositionalArgs<[numLayers: number], LayerOptions>);
  constructor(...args: readonly unknown[]) {
    const [inputSize, hiddenSize, ...options] = sizesFirst<PositionalArgs<[numLayers: number], LayerOptions>>(
      new.target.name,
      args,
    );
    super(inputSize, hiddenSize, 3, settings("GRU", options, LAYER));
  }

  override forward(input: PackedSequence, hidden?: Tensor): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hidden?: Tensor): [output: Tensor, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hidden?: Tensor): [Tensor | PackedSequence, Tensor] {
    const { output, states } = this.runEither(gruStep, input, hidden && [hidden], [this.hiddenSize]);
    return [output, states[0]];
  }
}
