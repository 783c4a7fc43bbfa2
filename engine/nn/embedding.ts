import { noGrad } from "../autograd/modes.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { byPosition } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

interface EmbeddingOptions {
  /** A row that stays zero and gets no gradient; negative ones count from the end. */
  paddingIdx: number | null;
  dtype: DType;
}

/** A row of numbers for each integer. */
export class Embedding extends Module {
  /** How many rows: indices go from 0 to one less. */
  readonly numEmbeddings: number;
  /** Size of each row. */
  readonly embeddingDim: number;
  /** The row that gets no gradient; null for none. */
  readonly paddingIdx: number | null;
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter;

  constructor(options: { readonly numEmbeddings: number; readonly embeddingDim: number } & Loose<EmbeddingOptions>);
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    ...options: PositionalArgs<[paddingIdx: number | null], EmbeddingOptions>
  );
  constructor(...args: readonly unknown[]) {
    super();
    const names = ["numEmbeddings", "embeddingDim"];
    const [numEmbeddings, embeddingDim, ...options] = byPosition("Embedding", args, names) as [
      number,
      number,
      ...unknown[],
    ];
    const { paddingIdx, dtype } = settings<EmbeddingOptions>("Embedding", options, {
      paddingIdx: null,
      dtype: "float32",
    });
    if (paddingIdx !== null && !(paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
      throw new ArgumentError(
        "Embedding",
        `paddingIdx must be within numEmbeddings (${numEmbeddings}), but got ${paddingIdx}`,
      );
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.weight = newParameter([numEmbeddings, embeddingDim], dtype);
    this.resetParameters();
  }

  /** An embedding with given rows, which are not trained unless `freeze: false`. */
  static fromPretrained(
    embeddings: Tensor,
    ...options: PositionalArgs<
      [freeze: boolean, paddingIdx: number | null],
      { freeze: boolean; paddingIdx: number | null }
    >
  ): Embedding {
    const { freeze, paddingIdx } = settings("Embedding.fromPretrained", options, {
      freeze: true,
      paddingIdx: null as number | null,
    });
    if (embeddings.ndim !== 2)
      throw new ArgumentError("Embedding.fromPretrained", "Embeddings parameter is expected to be 2-dimensional");
    const made = new Embedding(embeddings.shape[0], embeddings.shape[1], { paddingIdx, dtype: embeddings.dtype });
    made.weight = new Parameter(embeddings, { requiresGrad: !freeze });
    return made;
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).zero_());
  }

  override forward(input: Tensor): Tensor {
    return F.embedding(input, this.weight, { paddingIdx: this.paddingIdx });
  }

  override extraRepr(): string {
    return `${this.numEmbeddings}, ${this.embeddingDim}${this.paddingIdx === null ? "" : `, ${showOptions({ paddingIdx: this.paddingIdx })}`}`;
  }
}
