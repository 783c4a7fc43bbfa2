import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { ModuleList } from "./containers.ts";
import { deepcopy } from "./copyModule.ts";
import { xavierUniform_ } from "./init.ts";
import { LayerNorm } from "./layerNorm.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";
import {
  type Activation,
  DECODER_CALL,
  type DecoderCall,
  type DecoderMasks,
  TRANSFORMER,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformerLayers.ts";

/** A module that makes a tensor of one, as a last norm does. */
interface Norm extends Module {
  forward(x: Tensor): Tensor;
}

interface StackOptions {
  readonly norm?: Norm | null | undefined;
}

type StackArgs = [norm?: Norm | null] | [options?: StackOptions];

/** Options of a call of `TransformerEncoder`. */
export interface EncoderStackCall {
  readonly mask?: Tensor | null | undefined;
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  readonly isCausal?: boolean | undefined;
}

/** Copies of an encoder layer one after the other; they begin with the same weights, as in PyTorch. */
export class TransformerEncoder extends Module {
  /** The layers, first to last. */
  readonly layers: ModuleList<TransformerEncoderLayer>;
  /** How many layers. */
  readonly numLayers: number;
  /** What normalizes the result; null for nothing. */
  readonly norm: Norm | null;

  constructor(encoderLayer: TransformerEncoderLayer, numLayers: number, ...args: StackArgs) {
    super();
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => deepcopy(encoderLayer)));
    this.numLayers = numLayers;
    this.norm = normOf(args);
  }

  override forward(
    src: Tensor,
    ...args: [options?: EncoderStackCall] | [mask: Tensor | null, srcKeyPaddingMask?: Tensor | null, isCausal?: boolean]
  ): Tensor {
    const names = ["mask", "srcKeyPaddingMask", "isCausal"] as const;
    const { mask, srcKeyPaddingMask, isCausal } = readArguments<EncoderStackCall>("TransformerEncoder", args, names);
    let x = src;
    for (const layer of this.layers) x = layer.forward(x, { srcMask: mask, srcKeyPaddingMask, isCausal });
    return this.norm === null ? x : this.norm.forward(x);
  }
}

/** Copies of a decoder layer one after the other; they begin with the same weights, as in PyTorch. */
export class TransformerDecoder extends Module {
  /** The layers, first to last. */
  readonly layers: ModuleList<TransformerDecoderLayer>;
  /** How many layers. */
  readonly numLayers: number;
  /** What normalizes the result; null for nothing. */
  readonly norm: Norm | null;

  constructor(decoderLayer: TransformerDecoderLayer, numLayers: number, ...args: StackArgs) {
    super();
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => deepcopy(decoderLayer)));
    this.numLayers = numLayers;
    this.norm = normOf(args);
  }

  override forward(tgt: Tensor, memory: Tensor, ...args: [options?: DecoderCall] | DecoderMasks): Tensor {
    const call = readArguments<DecoderCall>("TransformerDecoder", args, DECODER_CALL);
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, call);
    return this.norm === null ? x : this.norm.forward(x);
  }
}

/** The norm as the last argument, or in options: a module is not taken for options. */
function normOf(args: StackArgs): Norm | null {
  const [first] = args;
  if (first instanceof Module || first === null || first === undefined) return first ?? null;
  return readArguments<StackOptions>("Transformer", args, ["norm"]).norm ?? null;
}

interface TransformerOptions extends TransformerLayerOptions {
  dModel: number;
  nhead: number;
  numEncoderLayers: number;
  numDecoderLayers: number;
}

/** Options of a call of `Transformer`. */
export interface TransformerCall extends DecoderCall {
  readonly srcMask?: Tensor | null | undefined;
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  readonly srcIsCausal?: boolean | undefined;
}

/** An encoder and a decoder that attends to what it gives. */
export class Transformer extends Module {
  /** Reads the source. */
  readonly encoder: TransformerEncoder;
  /** Writes the target, looking at what the encoder gave. */
  readonly decoder: TransformerDecoder;
  /** Size of each element of a sequence. */
  readonly dModel: number;
  /** How many heads of attention. */
  readonly nhead: number;
  /** Whether the first dimension is the batch, else the sequence. */
  readonly batchFirst: boolean;

  constructor(
    ...options: PositionalArgs<
      [
        dModel: number,
        nhead: number,
        numEncoderLayers: number,
        numDecoderLayers: number,
        dimFeedforward: number,
        dropout: number,
        activation: Activation,
      ],
      TransformerOptions
    >
  ) {
    super();
    const defaults = { dModel: 512, nhead: 8, numEncoderLayers: 6, numDecoderLayers: 6, ...TRANSFORMER };
    const read = settings<TransformerOptions>("Transformer", options, defaults);
    const { dModel, nhead, numEncoderLayers, numDecoderLayers, ...layer } = read;
    const { layerNormEps: eps, bias, dtype } = layer;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias, dtype });
    this.encoder = new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, norm());
    this.decoder = new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, norm());
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = read.batchFirst;
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, call: TransformerCall = {}): Tensor {
    this.checkInputs(src, tgt);
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...decoding } = call;
    const memory = this.encoder.forward(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder.forward(tgt, memory, decoding);
  }

  /** −∞ above the diagonal: no place sees what comes after it. */
  static generateSquareSubsequentMask(size: number, options: { readonly dtype?: DType | undefined } = {}): Tensor {
    const mask = empty([size, size], options.dtype ?? "float32");
    for (let i = 0; i < size; i++) mask.storage.values.fill(Number.NEGATIVE_INFINITY, i * size + i + 1, (i + 1) * size);
    return mask;
  }

  private checkInputs(src: Tensor, tgt: Tensor): void {
    const batch = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[batch] !== tgt.shape[batch]) {
      throw new ShapeError(
        "Transformer",
        `the batch number of src and tgt must be equal (${showShape(src.shape)} and ${showShape(tgt.shape)})`,
      );
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw new ShapeError(
        "Transformer",
        `the feature number of src and tgt must be equal to dModel ${this.dModel} (${showShape(src.shape)} and ${showShape(tgt.shape)})`,
      );
    }
  }
}
