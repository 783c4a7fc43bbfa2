import { noGrad } from "../autograd/modes.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { byPosition } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose } from "../base/options.ts";
import type { BagMode } from "../ops/embeddingBags.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

interface EmbeddingBagOptions {
  /** Rows that are looked up are first shrunk, in place, to at most this norm. */
  maxNorm: number | null;
  /** Which norm `maxNorm` means. */
  normType: number;
  /** Divide each row's gradient by how often it was looked up. */
  scaleGradByFreq: boolean;
  mode: BagMode;
  /** Whether offsets also say where the last bag ends. */
  includeLastOffset: boolean;
  /** A row that is in no bag and gets no gradient; negative ones count from the end. */
  paddingIdx: number | null;
  dtype: DType;
}

const DEFAULTS: EmbeddingBagOptions = {
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  mode: "mean",
  includeLastOffset: false,
  paddingIdx: null,
  dtype: "float32",
};

/** Sum, mean or maximum of the rows that a bag of integers names, without the rows themselves. */
export class EmbeddingBag extends Module {
  /** How many rows: indices go from 0 to one less. */
  readonly numEmbeddings: number;
  /** Size of each row. */
  readonly embeddingDim: number;
  /** What is made of the rows of a bag. */
  readonly mode: BagMode;
  /** The row that is in no bag; null for none. */
  readonly paddingIdx: number | null;
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter;
  private readonly options: EmbeddingBagOptions;

  constructor(options: { readonly numEmbeddings: number; readonly embeddingDim: number } & Loose<EmbeddingBagOptions>);
  constructor(numEmbeddings: number, embeddingDim: number, options?: Loose<EmbeddingBagOptions>);
  constructor(...args: readonly unknown[]) {
    super();
    const [rows, features, ...options] = byPosition("EmbeddingBag", args, ["numEmbeddings", "embeddingDim"]);
    this.options = settings<EmbeddingBagOptions>("EmbeddingBag", options, DEFAULTS);
    this.numEmbeddings = rows as number;
    this.embeddingDim = features as number;
    this.mode = this.options.mode;
    this.paddingIdx = paddingRow(this.options.paddingIdx, this.numEmbeddings);
    this.weight = newParameter([this.numEmbeddings, this.embeddingDim], this.options.dtype);
    this.resetParameters();
  }

  /** Bags with given rows, which are not trained unless `freeze: false`. */
  static fromPretrained(
    embeddings: Tensor,
    options: Loose<EmbeddingBagOptions> & { readonly freeze?: boolean } = {},
  ): EmbeddingBag {
    if (embeddings.ndim !== 2)
      throw new ArgumentError("EmbeddingBag.fromPretrained", "Embeddings parameter is expected to be 2-dimensional");
    const { freeze = true, ...rest } = options;
    const made = new EmbeddingBag(embeddings.shape[0], embeddings.shape[1], { ...rest, dtype: embeddings.dtype });
    made.weight = new Parameter(embeddings, { requiresGrad: !freeze });
    return made;
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).zero_());
  }

  override forward(input: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    const { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset } = this.options;
    const { paddingIdx } = this;
    const how = { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx };
    return F.embeddingBag(input, this.weight, { offsets, perSampleWeights, ...how });
  }

  override extraRepr(): string {
    const { mode, paddingIdx } = this;
    const unusual = showOptions({ paddingIdx: paddingIdx ?? undefined, mode });
    return `${this.numEmbeddings}, ${this.embeddingDim}, ${unusual}`;
  }
}

function paddingRow(paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  if (paddingIdx >= -rows && paddingIdx < rows) return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  throw new ArgumentError("EmbeddingBag", `paddingIdx must be within numEmbeddings (${rows}), but got ${paddingIdx}`);
}
