import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import * as F from "./functional.ts";
import { LayerNorm } from "./layerNorm.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

/** Of the feed-forward part: a name or any function. */
export type Activation = "relu" | "gelu" | ((x: Tensor) => Tensor);

export interface TransformerLayerOptions {
  /** Width of the feed-forward part. */
  dimFeedforward: number;
  dropout: number;
  activation: Activation;
  layerNormEps: number;
  /** Whether the batch comes before time: [n, time, features]. */
  batchFirst: boolean;
  /** Normalise before each part instead of after it. */
  normFirst: boolean;
  bias: boolean;
  dtype: DType;
}

export const TRANSFORMER: TransformerLayerOptions = {
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: "relu",
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  bias: true,
  dtype: "float32",
};

type LayerArgs = PositionalArgs<
  [dimFeedforward: number, dropout: number, activation: Activation, layerNormEps: number],
  TransformerLayerOptions
>;

/** Masks of one attention. */
interface Masks {
  readonly attnMask?: Tensor | null | undefined;
  readonly keyPaddingMask?: Tensor | null | undefined;
  readonly isCausal?: boolean | undefined;
}

/** Options of a call of `TransformerEncoderLayer`. */
export interface EncoderCall {
  readonly srcMask?: Tensor | null | undefined;
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  readonly isCausal?: boolean | undefined;
}

/** Options of a call of `TransformerDecoderLayer`. */
export interface DecoderCall {
  readonly tgtMask?: Tensor | null | undefined;
  readonly memoryMask?: Tensor | null | undefined;
  readonly tgtKeyPaddingMask?: Tensor | null | undefined;
  readonly memoryKeyPaddingMask?: Tensor | null | undefined;
  readonly tgtIsCausal?: boolean | undefined;
  readonly memoryIsCausal?: boolean | undefined;
}

/** Self-attention and a feed-forward part, each with a way around it and a layer norm. */
export class TransformerEncoderLayer extends Module {
  /** Attention of the sequence to itself. */
  readonly selfAttn: MultiheadAttention;
  /** From dModel to dimFeedforward. */
  readonly linear1: Linear;
  /** Between the two linear layers. */
  readonly dropout: Dropout;
  /** From dimFeedforward to dModel. */
  readonly linear2: Linear;
  /** Whether normalization comes before attention and linear layers, not after. */
  readonly normFirst: boolean;
  /** Of attention. */
  readonly norm1: LayerNorm;
  /** Of the linear layers. */
  readonly norm2: LayerNorm;
  /** After attention. */
  readonly dropout1: Dropout;
  /** After the linear layers. */
  readonly dropout2: Dropout;
  /** Between the two linear layers. */
  readonly activation: (x: Tensor) => Tensor;

  constructor(options: { readonly dModel: number; readonly nhead: number } & Loose<TransformerLayerOptions>);
  constructor(dModel: number, nhead: number, ...options: LayerArgs);
  constructor(...args: readonly unknown[]) {
    const [dModel, nhead, ...options] = byPosition(new.target.name, args, ["dModel", "nhead"]) as unknown as [
      number,
      number,
      ...LayerArgs,
    ];
    super();
    const read = settings("TransformerEncoderLayer", options, TRANSFORMER);
    const { dimFeedforward, dropout, layerNormEps: eps, batchFirst, bias, dtype } = read;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    this.normFirst = read.normFirst;
    this.norm1 = new LayerNorm(dModel, { eps, bias, dtype });
    this.norm2 = new LayerNorm(dModel, { eps, bias, dtype });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activationOf(read.activation);
  }

  override forward(
    src: Tensor,
    ...args: [options?: EncoderCall] | [srcMask: Tensor | null, srcKeyPaddingMask?: Tensor | null, isCausal?: boolean]
  ): Tensor {
    const names = ["srcMask", "srcKeyPaddingMask", "isCausal"] as const;
    const { srcMask, srcKeyPaddingMask, isCausal } = readArguments<EncoderCall>("TransformerEncoderLayer", args, names);
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal };
    if (this.normFirst) {
      const x = src.add(this.attend(this.norm1.forward(src), masks));
      return x.add(this.feedForward(this.norm2.forward(x)));
    }
    const x = this.norm1.forward(src.add(this.attend(src, masks)));
    return this.norm2.forward(x.add(this.feedForward(x)));
  }

  private attend(x: Tensor, masks: Masks): Tensor {
    const [output] = this.selfAttn.forward(x, x, x, { ...masks, needWeights: false });
    return this.dropout1.forward(output);
  }

  private feedForward(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout2.forward(this.linear2.forward(hidden));
  }
}

/** Self-attention, attention to the encoder's output, and a feed-forward part. */
export class TransformerDecoderLayer extends Module {
  /** Attention of the sequence to itself. */
  readonly selfAttn: MultiheadAttention;
  /** Attention of the target to what the encoder gave. */
  readonly multiheadAttn: MultiheadAttention;
  /** From dModel to dimFeedforward. */
  readonly linear1: Linear;
  /** Between the two linear layers. */
  readonly dropout: Dropout;
  /** From dimFeedforward to dModel. */
  readonly linear2: Linear;
  /** Whether normalization comes before attention and linear layers, not after. */
  readonly normFirst: boolean;
  /** Of attention to itself. */
  readonly norm1: LayerNorm;
  /** Of attention to the encoder. */
  readonly norm2: LayerNorm;
  /** Of the linear layers. */
  readonly norm3: LayerNorm;
  /** After attention to itself. */
  readonly dropout1: Dropout;
  /** After attention to the encoder. */
  readonly dropout2: Dropout;
  /** After the linear layers. */
  readonly dropout3: Dropout;
  /** Between the two linear layers. */
  readonly activation: (x: Tensor) => Tensor;

  constructor(options: { readonly dModel: number; readonly nhead: number } & Loose<TransformerLayerOptions>);
  constructor(dModel: number, nhead: number, ...options: LayerArgs);
  constructor(...args: readonly unknown[]) {
    const [dModel, nhead, ...options] = byPosition(new.target.name, args, ["dModel", "nhead"]) as unknown as [
      number,
      number,
      ...LayerArgs,
    ];
    super();
    const read = settings("TransformerDecoderLayer", options, TRANSFORMER);
    const { dimFeedforward, dropout, layerNormEps: eps, batchFirst, bias, dtype } = read;
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    this.normFirst = read.normFirst;
    this.norm1 = new LayerNorm(dModel, { eps, bias, dtype });
    this.norm2 = new LayerNorm(dModel, { eps, bias, dtype });
    this.norm3 = new LayerNorm(dModel, { eps, bias, dtype });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activationOf(read.activation);
  }

  override forward(tgt: Tensor, memory: Tensor, ...args: [options?: DecoderCall] | DecoderMasks): Tensor {
    const call = readArguments<DecoderCall>("TransformerDecoderLayer", args, DECODER_CALL);
    const own = { attnMask: call.tgtMask, keyPaddingMask: call.tgtKeyPaddingMask, isCausal: call.tgtIsCausal };
    const other = {
      attnMask: call.memoryMask,
      keyPaddingMask: call.memoryKeyPaddingMask,
      isCausal: call.memoryIsCausal,
    };
    if (this.normFirst) {
      const x = tgt.add(this.attend(this.norm1.forward(tgt), own));
      const y = x.add(this.attendMemory(this.norm2.forward(x), memory, other));
      return y.add(this.feedForward(this.norm3.forward(y)));
    }
    const x = this.norm1.forward(tgt.add(this.attend(tgt, own)));
    const y = this.norm2.forward(x.add(this.attendMemory(x, memory, other)));
    return this.norm3.forward(y.add(this.feedForward(y)));
  }

  private attend(x: Tensor, masks: Masks): Tensor {
    const [output] = this.selfAttn.forward(x, x, x, { ...masks, needWeights: false });
    return this.dropout1.forward(output);
  }

  private attendMemory(x: Tensor, memory: Tensor, masks: Masks): Tensor {
    const [output] = this.multiheadAttn.forward(x, memory, memory, { ...masks, needWeights: false });
    return this.dropout2.forward(output);
  }

  private feedForward(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.activation(this.linear1.forward(x)));
    return this.dropout3.forward(this.linear2.forward(hidden));
  }
}

/** The masks of a decoder in PyTorch's order. */
export type DecoderMasks = [
  tgtMask: Tensor | null,
  memoryMask?: Tensor | null,
  tgtKeyPaddingMask?: Tensor | null,
  memoryKeyPaddingMask?: Tensor | null,
  tgtIsCausal?: boolean,
  memoryIsCausal?: boolean,
];

export const DECODER_CALL = [
  "tgtMask",
  "memoryMask",
  "tgtKeyPaddingMask",
  "memoryKeyPaddingMask",
  "tgtIsCausal",
  "memoryIsCausal",
] as const;

function activationOf(activation: Activation): (x: Tensor) => Tensor {
  if (typeof activation === "function") return activation;
  if (activation === "relu") return F.relu;
  if (activation === "gelu") return (x) => F.gelu(x);
  throw new ArgumentError("Transformer", `activation should be relu/gelu, not ${String(activation)}`);
}
