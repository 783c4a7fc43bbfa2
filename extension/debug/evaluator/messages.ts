/** A tensor to be rebuilt for an expression. */
export interface SentTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly requiresGrad: boolean;
  /** Row-major. */
  readonly values: Float64Array;
  readonly grad: SentTensor | null;
}

/** What a name stands for: a tensor, a number, nothing, or the reason why it is not to be had. */
export type SentValue =
  | { readonly kind: "tensor"; readonly tensor: SentTensor }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "null" }
  | { readonly kind: "unavailable"; readonly reason: string };

/** An expression and the names in it, which may have dots: `this.w`, `net.0.weight`. */
export interface EvaluateQuestion {
  readonly id: number;
  readonly expression: string;
  readonly names: readonly (readonly [name: string, value: SentValue])[];
}

/** What came out. */
export type Evaluated =
  | {
      readonly kind: "tensor";
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly values: Float64Array;
    }
  | { readonly kind: "plain"; readonly text: string; readonly type: string; readonly isTrue: boolean }
  | { readonly kind: "error"; readonly message: string };

export interface EvaluateAnswer {
  readonly id: number;
  readonly result: Evaluated;
}

/** What the thread is started with. */
export interface EvaluatorStart {
  readonly enginePath: string;
}
